"""As what reports are handed out."""

from enum import StrEnum
from typing import Any, Final

from starlette.responses import Response


class ReportFormat(StrEnum):
    """As what a report comes."""

    HTML = "html"
    PDF = "pdf"


_MEDIA: Final = {"html": "text/html; charset=utf-8", "pdf": "application/pdf", "json": "application/json"}
CONTENT: Final[dict[str, Any]] = {
    "text/html": {"schema": {"type": "string"}},
    "application/pdf": {"schema": {"type": "string", "format": "binary"}},
}
"""What OpenAPI says of an answer that is a report."""

_HEADERS: Final = {
    "cache-control": "private, no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "x-content-type-options": "nosniff",
}


def handed_out(content: bytes, kind: StrEnum, *, name: str) -> Response:
    """A report as an answer; ``name`` is that of the file, in ASCII and without its ending."""
    disposition = {"content-disposition": f'inline; filename="{name}.{kind.value}"'}
    return Response(content, headers=_HEADERS | disposition, media_type=_MEDIA[kind.value])
