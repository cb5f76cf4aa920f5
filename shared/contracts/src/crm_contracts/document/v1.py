"""Events of the documents of projects (project-svc), major version 1."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field

from crm_contracts.base import DomainEvent, OwnedSnapshot


class RecordKind(StrEnum):
    """What has documents."""

    PROJECT = "project"
    TASK = "task"
    ISSUE = "issue"
    CHANGE_REQUEST = "change_request"
    RISK = "risk"
    QUALITY_GATE = "quality_gate"
    CORRECTIVE_ACTION = "corrective_action"
    DELIVERY = "delivery"
    OUTCOME = "outcome"


class DocumentSnapshot(OwnedSnapshot):
    """State of a file that belongs to a record of a project; its content is read by the API, and never changes."""

    project_id: UUID
    customer_id: UUID = Field(description="The project's customer.")
    record_kind: RecordKind
    record_id: UUID = Field(description="The record that it belongs to.")
    delivery_id: UUID | None = Field(description="`record_id`, where that is a delivery.")
    name: str
    media_type: str = Field(description="By its content, not by its name.")
    size: int = Field(description="Bytes.")
    sha256: str = Field(description="Of its content, in hexadecimal.")
    number: int = Field(description="Which version of the document it is, from 1.")
    series_id: UUID = Field(description="The first version of the document; the same for all of them.")
    superseded_by: UUID | None = Field(description="The next version.")


class DocumentEvent(DomainEvent[DocumentSnapshot]):
    """Base of the events of documents."""

    topic = "crm.document.v1"
    aggregate_type = "document"


class DocumentAdded(DocumentEvent):
    """A file was uploaded to a record, as a document or the next version of one."""

    type = "document.added"


class DocumentUpdated(DocumentEvent):
    """There is another next version of a document, its record has another owner, or its customer was merged."""

    type = "document.updated"


class DocumentRemoved(DocumentEvent):
    """A file is gone, and its content will be within hours."""

    type = "document.removed"


EVENTS: tuple[type[DomainEvent[Any]], ...] = (DocumentAdded, DocumentUpdated, DocumentRemoved)
