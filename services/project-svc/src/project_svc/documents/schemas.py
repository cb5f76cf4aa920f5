"""What clients get."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from crm_contracts.document.v1 import RecordKind


class DocumentRead(BaseModel):
    """A file of a record of a project."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    owner_id: UUID | None
    team_id: UUID | None
    project_id: UUID
    customer_id: UUID
    record_kind: RecordKind
    record_id: UUID = Field(description="The record that it belongs to.")
    delivery_id: UUID | None = Field(description="`record_id`, where that is a delivery.")
    name: str
    media_type: str = Field(description="By its content, not by its name.")
    size: int = Field(description="Bytes.")
    sha256: str = Field(description="Of its content, in hexadecimal.")
    number: int = Field(description="Which version of the document it is, from 1.")
    series_id: UUID = Field(description="The first version of the document; the same for all of them.")
    superseded_by: UUID | None = Field(description="The next version; null for the last one.")
