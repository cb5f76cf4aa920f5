"""Answers made of bytes that PostgreSQL rendered."""

from hashlib import blake2b

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.reads.reader import Rendered

JSON = "application/json"


def etag(version: int) -> str:
    """The strong ETag of a version."""
    return f'"{version}"'


def shown(request: Request, record: Rendered) -> Response:
    """One record; 304 without a body where the client already has this version."""
    tag = etag(record.version)
    if _has(request.headers.getlist("if-none-match"), tag):
        return Response(status_code=304, headers={"etag": tag})
    return Response(record.body, headers={"etag": tag}, media_type=JSON)


def subscribed(request: Request, content: bytes, media_type: str) -> Response:
    """What a program fetches again and again; its ETag is a digest of it, and 304 says that nothing has changed."""
    tag = f'"{blake2b(content, digest_size=16).hexdigest()}"'
    headers = {"etag": tag, "cache-control": "private, max-age=300"}
    if _has(request.headers.getlist("if-none-match"), tag):
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type=media_type)


def _has(known: list[str], tag: str) -> bool:
    """Whether ``tag`` is among the client's, by weak comparison: a proxy that compresses makes an ETag weak."""
    tags = [one.strip().removeprefix("W/") for line in known for one in line.split(",")]
    return tag in tags or "*" in tags


def changed(record: Rendered) -> Response:
    """A record after a change."""
    return Response(record.body, headers={"etag": etag(record.version)}, media_type=JSON)


def created(record: Rendered, collection: str) -> Response:
    """A new record of ``collection`` (a path), and where to find it."""
    headers = {"etag": etag(record.version), "location": f"{collection}/{record.id}"}
    return Response(record.body, 201, headers, JSON)


def listed(body: bytes) -> Response:
    """A page of a list."""
    return Response(body, media_type=JSON)
