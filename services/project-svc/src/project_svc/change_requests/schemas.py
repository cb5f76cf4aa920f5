"""What clients send and get."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from crm_contracts.base import Money
from crm_contracts.change_request.v1 import (
    ApprovalChannel,
    ApprovalStep,
    ChangeCategory,
    ChangeImpact,
    ChangeStatus,
    StepDecision,
)
from crm_platform.http.fields import LongText, Name, absent
from project_svc.plan.service import PlanEdit


class StepIn(BaseModel):
    """One who has to agree."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    channel: ApprovalChannel = ApprovalChannel.CRM
    approver_id: UUID | None = Field(
        default=None, description="The user who decides; whoever has the right if absent. Not said to the OA system."
    )


Steps = Annotated[tuple[StepIn, ...], Field(min_length=1, max_length=10)]


class ChangeRequestCreate(BaseModel):
    """A draft of a change request."""

    model_config = ConfigDict(extra="forbid")

    project_id: UUID
    title: Name
    rationale: LongText = Field(description="Why the change is wanted.")
    category: ChangeCategory
    edits: PlanEdit = Field(
        default_factory=PlanEdit, description="What would be done to the plan, as `PATCH /projects/{id}/plan` takes it."
    )
    steps: Steps | None = Field(
        default=None, description="Who has to agree, in this order; one step for whoever has the right if absent."
    )


class ChangeRequestUpdate(BaseModel):
    """Changes of a draft (RFC 7396 merge patch), but for `edits`, which are replaced: what is absent stays."""

    model_config = ConfigDict(extra="forbid")

    title: Name = Field(default_factory=absent)
    rationale: LongText = Field(default_factory=absent)
    category: ChangeCategory = Field(default_factory=absent)
    edits: PlanEdit = Field(default_factory=absent)
    steps: Steps = Field(default_factory=absent)


class ChangeDecision(BaseModel):
    """What an approver decides about the next step."""

    model_config = ConfigDict(extra="forbid")

    decision: StepDecision
    comment: LongText | None = None


class ChangeRequestRead(BaseModel):
    """A change request."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    owner_id: UUID | None
    team_id: UUID | None
    project_id: UUID
    number: int
    title: str
    rationale: str
    category: ChangeCategory
    edits: dict[str, Any] = Field(description="What would be done to the plan, as it was sent.")
    steps: list[ApprovalStep]
    status: ChangeStatus
    impact: ChangeImpact | None
    agreed_finish: datetime | None
    agreed_cost: Money | None
    submitted_at: datetime | None
    decided_at: datetime | None
    implemented_at: datetime | None
    baseline_id: UUID | None
    impact_is_stale: bool = Field(description="Whether the plan has moved on since the analysis.")
