"""A file of a record, and its versions."""

from uuid import UUID

from crm_contracts.document.v1 import RecordKind
from crm_platform.aggregate import OwnedState
from crm_platform.files.sniffing import TEXT
from crm_platform.words import Words
from project_svc.documents.errors import AlreadySuperseded, OtherRecord

NOUN = Words("document", "文件")

UNKNOWN = frozenset({"", "application/octet-stream", "binary/octet-stream"})
"""Declared media types that say nothing."""

FOLDER = "delivery-documents"
"""Where contents are kept; called so as deliveries were the first to have documents, and contents never move."""


class Document(OwnedState):
    """A file, as it was taken in; its content is in the store of files and never changes."""

    project_id: UUID
    customer_id: UUID
    record_kind: RecordKind
    record_id: UUID
    delivery_id: UUID | None = None
    name: str
    media_type: str
    size: int
    sha256: str
    number: int = 1
    series_id: UUID
    superseded_by: UUID | None = None

    def replaces(self, before: "Document") -> "Document":
        """The document as the next version of another.

        Raises:
            OtherRecord: That belongs to something else.
            AlreadySuperseded: There is a next version of that.
        """
        if (before.record_kind, before.record_id) != (self.record_kind, self.record_id):
            raise OtherRecord(document_id=before.id)
        if before.superseded_by is not None:
            raise AlreadySuperseded(document_id=before.id, next_id=before.superseded_by)
        return self.with_(number=before.number + 1, series_id=before.series_id)


def object_name(id: UUID) -> str:
    """Under which name the content is kept."""
    return f"{FOLDER}/{id}"


def fits(declared: str, found: str) -> bool:
    """Whether a file is what its upload says; programs call many texts by names of their own."""
    if declared in UNKNOWN or declared == found:
        return True
    return found == TEXT and (declared.startswith("text/") or declared == "application/json")
