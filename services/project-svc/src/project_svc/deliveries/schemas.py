"""What clients send and get."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from crm_contracts.delivery.v1 import (
    Criterion,
    DeemedAcceptance,
    DeliveryVersion,
    OpenPoint,
)
from crm_contracts.project.v1 import DeliveryStatus
from crm_platform.http.fields import Day, LongText, Name, Reason, ShortText, absent

CriterionText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
CriterionTexts = Annotated[tuple[CriterionText, ...], Field(max_length=50)]
WebAddress = Annotated[str, StringConstraints(pattern=r"^https?://[^\s<>\"]+$", max_length=2000)]
"""The address of something that a browser opens."""


class DeliveryCreate(BaseModel):
    """A new deliverable of a project."""

    model_config = ConfigDict(extra="forbid")

    project_id: UUID
    name: Name
    acceptance_criteria: CriterionTexts = ()
    due_on: Day
    deemed_acceptance: DeemedAcceptance | None = Field(
        default=None, description="That it counts as accepted if nobody decides in time; by the contract only."
    )
    part_of: UUID | None = Field(
        default=None, description="The delivery of which it is a part; that one is accepted with the last of its parts."
    )


class DeliveryUpdate(BaseModel):
    """What is agreed about a deliverable that does not lie before the customer; members that are absent stay."""

    model_config = ConfigDict(extra="forbid")

    name: Name = Field(default_factory=absent)
    acceptance_criteria: CriterionTexts = Field(default_factory=absent)
    due_on: Day = Field(default_factory=absent)
    deemed_acceptance: DeemedAcceptance | None = None


class EvidenceGiven(BaseModel):
    """What shows that the criteria are fulfilled: a link, or a document that was uploaded to the delivery."""

    model_config = ConfigDict(extra="forbid")

    name: ShortText | None = Field(default=None, description="The address, or the name of the document, if absent.")
    url: WebAddress | None = None
    document_id: UUID | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.url is None) == (self.document_id is None):
            raise PydanticCustomError("value_error", "Value error, {error}", {"error": "give url or document_id"})
        return self


class SubmissionGiven(Reason):
    """What is handed over, in one version more."""

    notes: LongText | None = Field(default=None, description="What the customer should know about this version.")
    evidence: tuple[EvidenceGiven, ...] = Field(default=(), max_length=50)


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
    criteria: list[Criterion]
    versions: list[DeliveryVersion]
    open_points: list[OpenPoint]
    deemed_acceptance: DeemedAcceptance | None
    deemed_on: date | None
    part_of: UUID | None
    schedule_id: UUID | None
    occurrence: int | None
