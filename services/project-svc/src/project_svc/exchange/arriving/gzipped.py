"""Bodies that come compressed (RFC 9110, Content-Encoding): a plan is a twentieth of its size then."""

import zlib

from starlette.requests import Request

from crm_platform.errors import UnsupportedMediaType
from project_svc.exchange.errors import FileNotGzip, FileTooLarge

MAX_UNPACKED = 96 * 1024 * 1024
_GZIP = 16 + zlib.MAX_WBITS


async def content_of(request: Request, *, media_types: frozenset[str]) -> bytes:
    """The body, unpacked where it says that it is packed.

    Raises:
        UnsupportedMediaType: It is of another type, or packed in another way.
        FileNotGzip: It is not packed as it says, or cut off.
        FileTooLarge: It has more than :data:`MAX_UNPACKED` bytes, unpacked.
    """
    declared = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if declared not in media_types:
        raise UnsupportedMediaType(expected=", ".join(sorted(media_types)))
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    body = await request.body()
    if encoding in {"", "identity"}:
        return body
    if encoding not in {"gzip", "x-gzip"}:
        raise UnsupportedMediaType(expected="Content-Encoding: gzip")
    return unpacked(body)


def unpacked(body: bytes) -> bytes:
    """What is in a gzip file of one member; raises what :func:`content_of` raises."""
    unpacking = zlib.decompressobj(_GZIP)
    try:
        found = unpacking.decompress(body, MAX_UNPACKED + 1)
    except zlib.error as error:
        raise FileNotGzip from error
    if len(found) > MAX_UNPACKED:
        raise FileTooLarge(limit=MAX_UNPACKED)
    if not unpacking.eof or unpacking.unused_data:
        raise FileNotGzip
    return found
