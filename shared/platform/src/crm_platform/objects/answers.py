"""Kept files as answers to requests."""

from urllib.parse import quote
from uuid import UUID

from starlette.responses import Response, StreamingResponse

from crm_platform.objects.store import Objects


async def download(objects: Objects, tenant: UUID, name: str, *, file_name: str, media_type: str) -> Response:
    """A kept file as a download: browsers neither show it in our name nor guess what it is.

    Raises:
        NoSuchFile: It is not kept any more.
        Unavailable: The store does not answer.
    """
    size = await objects.size(tenant, name)
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(file_name, safe='')}",
        "content-length": str(size),
        "cache-control": "private, no-store",
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; sandbox",
    }
    return StreamingResponse(objects.get(tenant, name), headers=headers, media_type=media_type)
