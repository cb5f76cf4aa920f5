"""What clients send and get."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from crm_contracts.project.v1 import DeliveryStatus
from crm_platform.http.fields import Day, LongText, Name

Criterion = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]


class DeliveryCreate(BaseModel):
    """A new deliverable of a project."""

    model_config = ConfigDict(extra="forbid")

    project_id: UUID
    name: Name
    acceptance_criteria: tuple[Criterion, ...] = Field(default=(), max_length=50)
    due_on: Day


class Rejection(BaseModel):
    """Why the customer refuses the delivery."""

    model_config = ConfigDict(extra="forbid")

    reason: LongText


class Cancellation(BaseModel):
    """Why the delivery is given up."""

    model_config = ConfigDict(extra="forbid")

    reason: LongText


class DeliveryRead(BaseModel):
    """A delivery."""

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
    name: str
    acceptance_criteria: list[str]
    status: DeliveryStatus
    due_on: date
    submissions: int
    submitted_at: datetime | None
    accepted_at: datetime | None
    accepted_by: str | None
    on_time: bool | None
    rejection_reason: str | None
    cancellation_reason: str | None
    requirement_id: UUID | None
    hand_over: int | None
