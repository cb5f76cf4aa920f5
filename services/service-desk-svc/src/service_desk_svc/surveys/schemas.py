"""What clients send and get."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from crm_contracts.service_desk.v1 import SurveyStatus
from crm_platform.http.fields import NUMERIC, LongText


class SurveyAnswer(BaseModel):
    """What the customer says."""

    model_config = ConfigDict(extra="forbid")

    score: Annotated[int, Field(ge=1, le=5), NUMERIC] = Field(
        description="From 1 (very dissatisfied) to 5 (very satisfied)."
    )
    comment: LongText | None = None


class SurveyRead(BaseModel):
    """A satisfaction survey."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    owner_id: UUID | None
    team_id: UUID | None
    customer_id: UUID
    project_id: UUID | None
    delivery_id: UUID | None
    status: SurveyStatus
    sent_at: datetime
    answered_at: datetime | None
    score: int | None
    comment: str | None
