"""Routes that answer with a drawing."""

from typing import Any

from starlette.responses import Response

from crm_platform.http.route import reads

SVG = "image/svg+xml"
_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'"


def draws(scope: str) -> dict[str, Any]:
    """Options of a GET route that answers with :func:`drawn`."""
    content = {SVG: {"schema": {"type": "string", "description": "An SVG document."}}}
    answer = {"description": "The drawing.", "content": content}
    return {**reads(scope), "response_class": Response, "responses": {200: answer}}


def drawn(svg: str) -> Response:
    """An SVG document, as its caller alone may keep it."""
    headers = {"cache-control": "private, no-cache", "content-security-policy": _POLICY}
    return Response(svg, headers=headers, media_type=SVG)
