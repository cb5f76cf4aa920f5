"""Files that the pages load: ours, and Swagger UI out of the package that ships it. Nothing comes from elsewhere."""

import gzip
import hashlib
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

_OURS = files("gateway.portal") / "static"
_SWAGGER = files("fastapi_offline") / "static"

ASSETS = {
    "portal.css": (_OURS, "text/css; charset=utf-8"),
    "reference.js": (_OURS, "text/javascript; charset=utf-8"),
    "events.js": (_OURS, "text/javascript; charset=utf-8"),
    "icon.svg": (_OURS, "image/svg+xml"),
    "swagger-ui.css": (_SWAGGER, "text/css; charset=utf-8"),
    "swagger-ui-bundle.js": (_SWAGGER, "text/javascript; charset=utf-8"),
}


class Asset(NamedTuple):
    """A file in memory."""

    plain: bytes
    zipped: bytes
    etag: str
    media_type: str


@cache
def load(name: str) -> Asset:
    """The file of that name.

    Raises:
        KeyError: There is none.
    """
    folder, media_type = ASSETS[name]
    plain = (folder / name).read_bytes()
    etag = hashlib.blake2b(plain, digest_size=12).hexdigest()
    return Asset(plain, gzip.compress(plain, 6, mtime=0), f'"{etag}"', media_type)


def send(request: Request, asset: Asset) -> Response:
    """The file as the client can best use it."""
    headers = {"etag": asset.etag, "cache-control": "no-cache", "vary": "accept-encoding"}
    if request.headers.get("if-none-match") == asset.etag:
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.zipped, headers={**headers, "content-encoding": "gzip"}, media_type=asset.media_type)
    return Response(asset.plain, headers=headers, media_type=asset.media_type)
