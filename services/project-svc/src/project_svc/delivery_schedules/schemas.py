"""What clients send and get."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from crm_contracts.delivery.v1 import DeliveryScheduleStatus, Frequency
from crm_platform.http.fields import NUMERIC, Day, Name
from project_svc.deliveries.service import CriterionTexts


class DeliveryScheduleCreate(BaseModel):
    """Deliveries of a project that recur; they end after `count` of them or on the day `until`."""

    model_config = ConfigDict(extra="forbid")

    project_id: UUID
    name: Name = Field(description="Of each delivery; its number is added.")
    acceptance_criteria: CriterionTexts = ()
    frequency: Frequency
    interval: Annotated[int, Field(ge=1, le=366), NUMERIC] = 1
    first_due_on: Day
    count: Annotated[int, Field(ge=1, le=1000), NUMERIC] | None = None
    until: Day | None = None
    lead_days: Annotated[int, Field(ge=0, le=366), NUMERIC] = Field(
        default=14, description="How many days before it is due a delivery is planned."
    )


class DeliveryScheduleRead(BaseModel):
    """A schedule of deliveries."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    owner_id: UUID | None
    team_id: UUID | None
    project_id: UUID
    name: str
    acceptance_criteria: list[str]
    frequency: Frequency
    interval: int
    first_due_on: date
    count: int | None
    until: date | None
    lead_days: int
    status: DeliveryScheduleStatus
    made: int
    next_due_on: date | None
