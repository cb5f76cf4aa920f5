"""What clients get."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel


class ServicePeriodRead(BaseModel):
    """The time in which a project's customer is served after delivery."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    owner_id: UUID | None
    team_id: UUID | None
    customer_id: UUID
    project_id: UUID
    starts_on: date
    ends_on: date
