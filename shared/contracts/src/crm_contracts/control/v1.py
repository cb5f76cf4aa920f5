"""Events of the control of projects (project-svc), major version 1."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field

from crm_contracts.base import Contract, DomainEvent, OwnedSnapshot


class GateKind(StrEnum):
    """Who looks at what in a quality gate."""

    TECHNICAL = "technical"
    DATA = "data"
    USER_REVIEW = "user_review"


class GateStatus(StrEnum):
    """Life cycle of a quality gate."""

    PLANNED = "planned"
    PASSED = "passed"
    PASSED_WITH_CONDITIONS = "passed_with_conditions"
    FAILED = "failed"
    WAIVED = "waived"


class GateVerdict(StrEnum):
    """How a review of a quality gate ends."""

    PASSED = "passed"
    PASSED_WITH_CONDITIONS = "passed_with_conditions"
    FAILED = "failed"


class CheckState(StrEnum):
    """What was found about an item of a checklist."""

    OPEN = "open"
    PASSED = "passed"
    FAILED = "failed"
    WAIVED = "waived"


class CheckItem(Contract):
    """Something that a quality gate asks for."""

    number: int = Field(description="Place in the checklist, from 1.")
    text: str
    mandatory: bool
    state: CheckState = CheckState.OPEN
    remark: str | None = None
    evidence: str | None = Field(default=None, description="Where the proof is: a link, or the number of a document.")


class GateCondition(Contract):
    """What has still to be done for a quality gate; it is tracked as a corrective action."""

    text: str
    owner_id: UUID = Field(description="The user who sees to it.")
    due_on: date
    action_id: UUID


class GateReview(Contract):
    """One review of a quality gate."""

    number: int = Field(description="From 1.")
    verdict: GateVerdict
    comment: str | None
    reviewed_at: datetime
    reviewed_by: str
    results: tuple[CheckState, ...] = Field(description="State of each item of the checklist, in its order.")
    conditions: tuple[GateCondition, ...]


class QualityGateSnapshot(OwnedSnapshot):
    """State of a quality gate."""

    project_id: UUID
    name: str
    kind: GateKind
    mandatory: bool = Field(description="Whether the project can be completed only once it has passed.")
    planned_on: date
    task_id: UUID | None = Field(description="The task or milestone that it belongs to.")
    delivery_id: UUID | None = Field(description="The deliverable that it is about.")
    reviewer_ids: tuple[UUID, ...] = Field(description="Users who may review it; whoever may, if there are none.")
    checklist: tuple[CheckItem, ...]
    status: GateStatus
    reviews: tuple[GateReview, ...] = Field(description="From the first to the last.")


class QualityGateEvent(DomainEvent[QualityGateSnapshot]):
    """Base of the events of quality gates."""

    topic = "crm.quality_gate.v1"
    aggregate_type = "quality_gate"


class QualityGatePlanned(QualityGateEvent):
    """A quality gate was planned."""

    type = "quality_gate.planned"


class QualityGateUpdated(QualityGateEvent):
    """The plan of a quality gate changed: its date, its checklist, its reviewers."""

    type = "quality_gate.updated"


class QualityGateReviewed(QualityGateEvent):
    """Items of the checklist were judged; there is no verdict yet."""

    type = "quality_gate.reviewed"


class QualityGatePassed(QualityGateEvent):
    """A review let the project through, with or without conditions."""

    type = "quality_gate.passed"


class QualityGateFailed(QualityGateEvent):
    """A review did not let the project through."""

    type = "quality_gate.failed"


class QualityGateWaived(QualityGateEvent):
    """The project goes on without this quality gate, for a reason."""

    type = "quality_gate.waived"


class ActionKind(StrEnum):
    """Whether an action removes the cause of something that happened, or of something that could."""

    CORRECTIVE = "corrective"
    PREVENTIVE = "preventive"


class ActionSource(StrEnum):
    """What an action follows from."""

    GATE = "gate"
    RISK = "risk"
    ISSUE = "issue"
    MONITOR = "monitor"
    CHANGE_REQUEST = "change_request"
    OTHER = "other"


class ActionStatus(StrEnum):
    """Life cycle of a corrective or preventive action."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    VERIFIED = "verified"
    CANCELLED = "cancelled"


class CorrectiveActionSnapshot(OwnedSnapshot):
    """State of a corrective or preventive action; its owner is who sees to it."""

    project_id: UUID
    kind: ActionKind
    title: str
    description: str | None
    source: ActionSource
    source_id: UUID | None
    due_on: date
    overdue: bool = Field(description="Whether it was not done by the end of its day in UTC.")
    status: ActionStatus
    done_at: datetime | None
    verified_at: datetime | None
    verified_by: str | None


class CorrectiveActionEvent(DomainEvent[CorrectiveActionSnapshot]):
    """Base of the events of corrective and preventive actions."""

    topic = "crm.corrective_action.v1"
    aggregate_type = "corrective_action"


class CorrectiveActionRaised(CorrectiveActionEvent):
    """An action entered the register, by hand or as a condition of a quality gate."""

    type = "corrective_action.raised"


class CorrectiveActionUpdated(CorrectiveActionEvent):
    """What an action is, who sees to it or until when has changed."""

    type = "corrective_action.updated"


class CorrectiveActionStarted(CorrectiveActionEvent):
    """Work on an action began, or goes on as it was not effective."""

    type = "corrective_action.started"


class CorrectiveActionOverdue(CorrectiveActionEvent):
    """An action was not done by the day on which it was due."""

    type = "corrective_action.overdue"


class CorrectiveActionDone(CorrectiveActionEvent):
    """An action was carried out; whether it helps is still to be seen."""

    type = "corrective_action.done"


class CorrectiveActionVerified(CorrectiveActionEvent):
    """An action was found to be effective."""

    type = "corrective_action.verified"


class CorrectiveActionCancelled(CorrectiveActionEvent):
    """An action is not needed any more."""

    type = "corrective_action.cancelled"


EVENTS: tuple[type[DomainEvent[Any]], ...] = (
    QualityGatePlanned,
    QualityGateUpdated,
    QualityGateReviewed,
    QualityGatePassed,
    QualityGateFailed,
    QualityGateWaived,
    CorrectiveActionRaised,
    CorrectiveActionUpdated,
    CorrectiveActionStarted,
    CorrectiveActionOverdue,
    CorrectiveActionDone,
    CorrectiveActionVerified,
    CorrectiveActionCancelled,
)
