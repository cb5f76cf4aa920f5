"""What clients get."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel


class DeliveryDocumentRead(BaseModel):
    """A file of a delivery."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    owner_id: UUID | None
    team_id: UUID | None
    project_id: UUID
    delivery_id: UUID
    name: str
    media_type: str
    size: int
    sha256: str
