"""What clients send and get."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from crm_contracts.control.v1 import (
    CheckItem,
    CheckState,
    GateKind,
    GateReview,
    GateStatus,
    GateVerdict,
)
from crm_platform.http.fields import NUMERIC, Day, LongText, Name, ShortText, absent

_MOST_ITEMS = 100
ItemNumber = Annotated[int, Field(ge=1, le=_MOST_ITEMS), NUMERIC]


class CheckIn(BaseModel):
    """Something that a quality gate asks for."""

    model_config = ConfigDict(extra="forbid")

    text: Name
    mandatory: bool = True


Reviewers = Annotated[tuple[UUID, ...], Field(max_length=50)]
Checklist = Annotated[tuple[CheckIn, ...], Field(min_length=1, max_length=_MOST_ITEMS)]


class QualityGateCreate(BaseModel):
    """A new quality gate of a project."""

    model_config = ConfigDict(extra="forbid")

    project_id: UUID
    name: Name
    kind: GateKind
    mandatory: bool = Field(default=True, description="Whether the project can be completed only once it has passed.")
    planned_on: Day
    task_id: UUID | None = Field(default=None, description="The task or milestone that it belongs to.")
    delivery_id: UUID | None = Field(default=None, description="The deliverable that it is about.")
    reviewer_ids: Reviewers = Field(default=(), description="Users who may review it; whoever may, if there are none.")
    checklist: Checklist | None = Field(
        default=None, description="The ready-made one of its kind if absent, in the language of the request."
    )


class QualityGateUpdate(BaseModel):
    """Changes of a quality gate (RFC 7396 merge patch): what is absent stays, null empties."""

    model_config = ConfigDict(extra="forbid")

    name: Name = Field(default_factory=absent)
    planned_on: Day = Field(default_factory=absent)
    task_id: UUID | None = None
    delivery_id: UUID | None = None
    reviewer_ids: Reviewers = Field(default_factory=absent)
    checklist: Checklist = Field(default_factory=absent, description="A new checklist, of which nothing is judged yet.")


class FindingIn(BaseModel):
    """What was found about an item of the checklist."""

    model_config = ConfigDict(extra="forbid")

    number: ItemNumber
    state: CheckState
    remark: LongText | None = None
    evidence: ShortText | None = Field(
        default=None, description="Where the proof is: a link, or the number of a document."
    )


class ConditionIn(BaseModel):
    """What has still to be done, by whom and until when; becomes a corrective action."""

    model_config = ConfigDict(extra="forbid")

    text: Name
    owner_id: UUID
    due_on: Day


class GateReviewCreate(BaseModel):
    """What was found and concluded; without a verdict the findings are put down only."""

    model_config = ConfigDict(extra="forbid")

    findings: tuple[FindingIn, ...] = Field(default=(), max_length=_MOST_ITEMS)
    verdict: GateVerdict | None = None
    conditions: tuple[ConditionIn, ...] = Field(default=(), max_length=20)
    comment: LongText | None = None


class Waiver(BaseModel):
    """Why the project goes on without the quality gate."""

    model_config = ConfigDict(extra="forbid")

    reason: LongText


class QualityGateRead(BaseModel):
    """A quality gate with all of its reviews."""

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
    kind: GateKind
    mandatory: bool
    planned_on: date
    task_id: UUID | None
    delivery_id: UUID | None
    reviewer_ids: list[UUID]
    checklist: list[CheckItem]
    status: GateStatus
    reviews: list[GateReview]
