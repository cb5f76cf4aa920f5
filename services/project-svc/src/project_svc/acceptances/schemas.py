"""What clients send."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from crm_contracts.delivery.v1 import CriterionVerdict
from crm_platform.http.fields import Day, LongText, Reason


class FindingGiven(BaseModel):
    """What was found about one criterion."""

    model_config = ConfigDict(extra="forbid")

    criterion_id: Annotated[int, Field(ge=1, le=1_000_000)]
    verdict: CriterionVerdict
    comment: LongText | None = None


class OpenPointGiven(BaseModel):
    """What is still to be done, and until when."""

    model_config = ConfigDict(extra="forbid")

    description: LongText
    due_on: Day


FindingsGiven = Annotated[tuple[FindingGiven, ...], Field(max_length=50)]
OpenPointsGiven = Annotated[tuple[OpenPointGiven, ...], Field(max_length=50)]


class AcceptanceGiven(Reason):
    """The customer's acceptance, with open points a conditional one."""

    contact_id: UUID | None = Field(default=None, description="Who accepted, on the customer's side.")
    criteria: FindingsGiven = Field(default=(), description="Criteria that are not named are met.")
    open_points: OpenPointsGiven = ()


class Rejection(BaseModel):
    """Why the customer refuses the delivery."""

    model_config = ConfigDict(extra="forbid")

    reason: LongText
    contact_id: UUID | None = Field(default=None, description="Who refused, on the customer's side.")
    criteria: FindingsGiven = Field(default=(), description="Criteria that are not named stay undecided.")


class PointSettled(BaseModel):
    """Which open point is done."""

    model_config = ConfigDict(extra="forbid")

    point_id: Annotated[int, Field(ge=1, le=1_000_000)]
    note: LongText | None = None
