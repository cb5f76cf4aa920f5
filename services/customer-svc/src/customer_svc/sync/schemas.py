"""What clients get."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from customer_svc.sync.domain import ConflictStatus


class SyncConflictRead(BaseModel):
    """A disagreement about one field of a customer."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    customer_id: UUID
    system: str
    field: str
    status: ConflictStatus
    ours: str | None
    theirs: str | None
    erased_at: datetime | None
