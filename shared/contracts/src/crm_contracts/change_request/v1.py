"""Events of the change requests of projects (project-svc), major version 1."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field

from crm_contracts.base import Contract, DomainEvent, Money, OwnedSnapshot


class ChangeStatus(StrEnum):
    """Life cycle of a change request."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    UNDER_REVIEW = "under_review"
    APPROVED = "approved"
    REJECTED = "rejected"
    IMPLEMENTED = "implemented"
    WITHDRAWN = "withdrawn"


class ChangeCategory(StrEnum):
    """What a change is about."""

    SCOPE = "scope"
    SCHEDULE = "schedule"
    COST = "cost"
    QUALITY = "quality"
    RESOURCE = "resource"
    CONTRACT = "contract"
    DEFECT = "defect"


class ApprovalChannel(StrEnum):
    """Where a step of an approval is decided."""

    CRM = "crm"
    OA = "oa"


class StepDecision(StrEnum):
    """How a step of an approval ended."""

    APPROVED = "approved"
    REJECTED = "rejected"


class ApprovalStep(Contract):
    """One of those who have to agree, one after the other."""

    number: int = Field(description="From 1.")
    name: str
    channel: ApprovalChannel
    approver_id: UUID | None = Field(description="The user who decides; whoever has the right where absent.")
    decision: StepDecision | None = None
    decided_at: datetime | None = None
    decided_by: str | None = None
    comment: str | None = None
    reference: str | None = Field(default=None, description="Number of the approval in the OA system.")


class ChangeRisk(Contract):
    """What risks and uncertain durations make of the plan with and without a change, by simulation."""

    iterations: int
    finish_p50_before: datetime = Field(description="The moment by which five of ten draws have ended.")
    finish_p50_after: datetime
    finish_p80_before: datetime = Field(description="The moment by which eight of ten draws have ended.")
    finish_p80_after: datetime
    cost_p80_before: Money = Field(description="What eight of ten draws do not exceed.")
    cost_p80_after: Money


class ChangeImpact(Contract):
    """What a change would do to the plan, as the scheduler finds it; differences are after less before."""

    plan_revision: int = Field(description="The revision of the plan that it was made for.")
    analysed_at: datetime
    finishes_before: datetime | None = Field(description="When the plan ends as it is; null without tasks.")
    finishes_after: datetime | None
    finish_delta: int = Field(description="Minutes of working time that it ends later.")
    cost_before: Money
    cost_after: Money
    cost_delta: Money
    critical_before: tuple[UUID, ...] = Field(description="The first 200 tasks of the critical path as it is.")
    critical_after: tuple[UUID, ...] = Field(description="The first 200 tasks that would be critical.")
    tasks_changed: int = Field(description="Tasks whose dates, work or cost would differ.")
    tasks_added: int
    tasks_removed: int
    risk: ChangeRisk | None = Field(
        default=None, description="Null where nothing is left to do, or the plan is too large to draw at once."
    )


class ChangeRequestSnapshot(OwnedSnapshot):
    """State of a change request."""

    project_id: UUID
    number: int = Field(description="From 1 in each project.")
    title: str
    rationale: str
    category: ChangeCategory
    edits: dict[str, Any] = Field(
        description="What would be done to the plan, as `PATCH /projects/{id}/plan` takes it."
    )
    steps: tuple[ApprovalStep, ...] = Field(description="Who has to agree, in this order.")
    status: ChangeStatus
    impact: ChangeImpact | None = Field(description="The latest analysis; null until submitted.")
    agreed_finish: datetime | None = Field(description="The end of the plan to which the first approver agreed.")
    agreed_cost: Money | None = Field(description="The cost to which the first approver agreed.")
    submitted_at: datetime | None
    decided_at: datetime | None
    implemented_at: datetime | None
    baseline_id: UUID | None = Field(description="The baseline that it set.")


class ChangeRequestEvent(DomainEvent[ChangeRequestSnapshot]):
    """Base of the events of change requests."""

    topic = "crm.change_request.v1"
    aggregate_type = "change_request"


class ChangeRequestDrafted(ChangeRequestEvent):
    """Somebody began to write a change request."""

    type = "change_request.drafted"


class ChangeRequestUpdated(ChangeRequestEvent):
    """A draft changed."""

    type = "change_request.updated"


class ChangeRequestSubmitted(ChangeRequestEvent):
    """A change request waits for approval, for the first time or because it has become worse than what was agreed."""

    type = "change_request.submitted"


class ChangeRequestAnalysed(ChangeRequestEvent):
    """The impact of a change request was analysed anew, and is no worse than what was agreed."""

    type = "change_request.analysed"


class ChangeRequestReviewed(ChangeRequestEvent):
    """One of several who have to agree has agreed."""

    type = "change_request.reviewed"


class ChangeRequestApproved(ChangeRequestEvent):
    """All who have to agree have agreed."""

    type = "change_request.approved"


class ChangeRequestRejected(ChangeRequestEvent):
    """One of those who have to agree has not."""

    type = "change_request.rejected"


class ChangeRequestImplemented(ChangeRequestEvent):
    """The change is in the plan, and a new baseline holds it."""

    type = "change_request.implemented"


class ChangeRequestWithdrawn(ChangeRequestEvent):
    """The change is not wanted any more."""

    type = "change_request.withdrawn"


EVENTS: tuple[type[DomainEvent[Any]], ...] = (
    ChangeRequestDrafted,
    ChangeRequestUpdated,
    ChangeRequestSubmitted,
    ChangeRequestAnalysed,
    ChangeRequestReviewed,
    ChangeRequestApproved,
    ChangeRequestRejected,
    ChangeRequestImplemented,
    ChangeRequestWithdrawn,
)
