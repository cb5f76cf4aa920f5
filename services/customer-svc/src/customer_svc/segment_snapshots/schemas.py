"""What clients send and get."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from crm_platform.http.fields import Name


class SnapshotCreate(BaseModel):
    """A snapshot to take."""

    model_config = ConfigDict(extra="forbid")

    segment_id: UUID
    name: Name | None = Field(default=None, description="That of the segment unless given.")


class SnapshotRead(BaseModel):
    """A segment snapshot."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    segment_id: UUID
    name: str
    expression: str
    taken_at: datetime
    members: int
