"""What clients send and get."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from crm_contracts.imports.v1 import ImportColumn, ImportMapping, ImportStatus


class Parts(BaseModel):
    """An upload in parts is complete."""

    model_config = ConfigDict(extra="forbid")

    parts: int = Field(ge=1, le=10_000, description="How many parts there are, numbered from 1.")


class FieldRead(BaseModel):
    """A field that a column can be mapped to."""

    name: str
    label: str
    kind: str
    choices: dict[str, str] = Field(description="The choices and what they are called, for fields of kind `choice`.")
    many: bool = Field(description="Whether several columns can be mapped to it.")


class FieldList(BaseModel):
    """All fields that an import can set."""

    items: list[FieldRead]


class ImportRead(BaseModel):
    """An import."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    owner_id: UUID | None
    team_id: UUID | None
    file_name: str
    status: ImportStatus
    format: str | None
    size: int | None
    sha256: str | None
    details: dict[str, Any]
    columns: list[ImportColumn]
    mapping: ImportMapping | None
    check_id: UUID | None = Field(description="The operation that has tried the mapping last.")
    run_ids: list[UUID] = Field(description="The operations that have carried it out.")
    undo_id: UUID | None = Field(description="The operation that has undone it.")
    counters: dict[str, int]
