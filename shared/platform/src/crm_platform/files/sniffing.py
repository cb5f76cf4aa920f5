"""What a file is by its content, for files that are kept and handed out, not read."""

import io
import zipfile
from typing import Final

_SIGNATURES: Final = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
_OFFICE: Final = "application/vnd.openxmlformats-officedocument"
_PARTS: Final = {
    "word/document.xml": f"{_OFFICE}.wordprocessingml.document",
    "xl/workbook.xml": f"{_OFFICE}.spreadsheetml.sheet",
    "ppt/presentation.xml": f"{_OFFICE}.presentationml.presentation",
}
ZIP: Final = "application/zip"
TEXT: Final = "text/plain"
MEDIA_TYPES: Final = (
    *dict.fromkeys(media_type for _, media_type in _SIGNATURES),
    "image/webp",
    *_PARTS.values(),
    ZIP,
    TEXT,
)
"""What :func:`media_type_of` finds."""

_CONTROLS: Final = frozenset(range(32)) - {9, 10, 12, 13}


def media_type_of(content: bytes) -> str | None:
    """The media type of a whole file: PDF, common pictures, Office documents, ZIP, plain text in UTF-8.

    None for everything else, and for markup: a browser that opens HTML, SVG or XML runs what stands in it.
    """
    for signature, media_type in _SIGNATURES:
        if content.startswith(signature):
            return media_type
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content.startswith(b"PK\x03\x04"):
        return _of_archive(content)
    return TEXT if _is_text(content) else None


def _of_archive(content: bytes) -> str | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        return None
    return next((media_type for part, media_type in _PARTS.items() if part in names), ZIP)


def _is_text(content: bytes) -> bool:
    if not content or _CONTROLS.intersection(content):
        return False
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return not text.lstrip().startswith("<")
