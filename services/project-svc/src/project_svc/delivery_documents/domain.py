"""A file of a delivery."""

from uuid import UUID

from crm_platform.aggregate import OwnedState
from crm_platform.files.sniffing import TEXT
from crm_platform.words import Words

NOUN = Words("document of a delivery", "交付物文件")

UNKNOWN = frozenset({"", "application/octet-stream", "binary/octet-stream"})
"""Declared media types that say nothing."""


class DeliveryDocument(OwnedState):
    """A file, as it was taken in; its content is in the store of files and never changes."""

    project_id: UUID
    delivery_id: UUID
    name: str
    media_type: str
    size: int
    sha256: str


def object_name(id: UUID) -> str:
    """Under which name the content is kept."""
    return f"delivery-documents/{id}"


def fits(declared: str, found: str) -> bool:
    """Whether a file is what its upload says; programs call many texts by names of their own."""
    if declared in UNKNOWN or declared == found:
        return True
    return found == TEXT and (declared.startswith("text/") or declared == "application/json")
