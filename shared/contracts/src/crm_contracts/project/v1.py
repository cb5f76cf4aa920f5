"""Events of project-svc, major version 1."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field

from crm_contracts.base import DomainEvent, Money, OwnedSnapshot, Snapshot
from crm_contracts.delivery.v1 import Criterion, DeemedAcceptance, DeliveryVersion, OpenPoint
from crm_contracts.risk.v1 import CostImpact, DelayImpact, ResponseAction, ResponseStrategy, RiskLevel


class ProjectStatus(StrEnum):
    """Life cycle of a project."""

    DRAFT = "draft"
    PLANNED = "planned"
    ACTIVE = "active"
    ON_HOLD = "on_hold"
    COMPLETED = "completed"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class ProjectSnapshot(OwnedSnapshot):
    """State of a project."""

    name: str
    customer_id: UUID
    opportunity_id: UUID | None
    template: str | None
    status: ProjectStatus
    starts_on: date
    due_on: date
    budget: Money | None
    risk_threshold: int = Field(description="Probability times impact from which a risk needs attention, 1 to 49.")
    approved_by: str | None
    completed_at: datetime | None
    objectives: tuple[str, ...] = ()
    scope_in: tuple[str, ...] = ()
    scope_out: tuple[str, ...] = ()
    success_criteria: tuple[str, ...] = ()
    manager_id: UUID | None = Field(default=None, description="The user who answers for it.")
    member_ids: tuple[UUID, ...] = Field(default=(), description="Users who work on it.")
    contract_reference: str | None = None
    template_id: UUID | None = Field(default=None, description="The edition of the company's template it came from.")
    template_edition: int | None = None
    contract_id: UUID | None = Field(default=None, description="The signed contract that it delivers.")


class ProjectEvent(DomainEvent[ProjectSnapshot]):
    """Base of the project events."""

    topic = "crm.project.v1"
    aggregate_type = "project"


class ProjectOpened(ProjectEvent):
    """A project was opened, by hand or for a won opportunity or signed contract; it waits for approval."""

    type = "project.opened"


class ProjectUpdated(ProjectEvent):
    """Fields of a project changed."""

    type = "project.updated"


class ProjectPlanned(ProjectEvent):
    """The project has a baseline, and waits for its start."""

    type = "project.planned"


class ProjectStarted(ProjectEvent):
    """The project was approved and is being carried out."""

    type = "project.started"


class ProjectPaused(ProjectEvent):
    """The project was put on hold."""

    type = "project.paused"


class ProjectCompleted(ProjectEvent):
    """All deliverables are accepted."""

    type = "project.completed"


class ProjectClosed(ProjectEvent):
    """The project was closed after its review."""

    type = "project.closed"


class ProjectCancelled(ProjectEvent):
    """The project was given up or refused."""

    type = "project.cancelled"


class DeliveryStatus(StrEnum):
    """Life cycle of a deliverable."""

    PLANNED = "planned"
    IN_PROGRESS = "in_progress"
    SUBMITTED = "submitted"
    REJECTED = "rejected"
    CONDITIONALLY_ACCEPTED = "conditionally_accepted"
    ACCEPTED = "accepted"
    CANCELLED = "cancelled"


class DeliverySnapshot(OwnedSnapshot):
    """State of a deliverable and its acceptance by the customer."""

    project_id: UUID
    customer_id: UUID
    name: str
    acceptance_criteria: tuple[str, ...]
    status: DeliveryStatus
    due_on: date
    submissions: int = Field(description="How often it was handed over; 1 means right the first time.")
    submitted_at: datetime | None
    accepted_at: datetime | None
    accepted_by: str | None
    on_time: bool | None = Field(description="Accepted no later than due; null until accepted.")
    rejection_reason: str | None
    cancellation_reason: str | None = None
    requirement_id: UUID | None = Field(default=None, description="The customer's requirement that it fulfils.")
    hand_over: int | None = Field(default=None, description="Which hand-over of that requirement it answers.")
    criteria: tuple[Criterion, ...] = Field(default=(), description="The acceptance criteria with what was found.")
    versions: tuple[DeliveryVersion, ...] = Field(default=(), description="Every submission, the last one at the end.")
    open_points: tuple[OpenPoint, ...] = Field(default=(), description="Of the conditional acceptance.")
    deemed_acceptance: DeemedAcceptance | None = None
    deemed_on: date | None = Field(
        default=None, description="The last day to decide; the day after, the version counts as accepted."
    )
    part_of: UUID | None = Field(default=None, description="The delivery of which it is a part.")
    schedule_id: UUID | None = Field(default=None, description="The schedule that planned it.")
    occurrence: int | None = Field(default=None, description="Which one of the schedule it is, from 1.")


class DeliveryEvent(DomainEvent[DeliverySnapshot]):
    """Base of the delivery events."""

    topic = "crm.delivery.v1"
    aggregate_type = "delivery"


class DeliveryPlanned(DeliveryEvent):
    """A deliverable was agreed."""

    type = "delivery.planned"


class DeliveryStarted(DeliveryEvent):
    """Work on a deliverable began."""

    type = "delivery.started"


class DeliverySubmitted(DeliveryEvent):
    """A deliverable was handed to the customer for acceptance."""

    type = "delivery.submitted"


class DeliveryUpdated(DeliveryEvent):
    """What is agreed about a deliverable changed."""

    type = "delivery.updated"


class DeliveryConditionallyAccepted(DeliveryEvent):
    """The customer accepted a deliverable but for open points."""

    type = "delivery.conditionally_accepted"


class DeliveryPointSettled(DeliveryEvent):
    """An open point of a conditional acceptance was settled; others are left."""

    type = "delivery.point_settled"


class DeliveryRejected(DeliveryEvent):
    """The customer refused a deliverable, with a reason."""

    type = "delivery.rejected"


class DeliveryCompleted(DeliveryEvent):
    """The customer accepted a deliverable, at once or with the last open point settled."""

    type = "delivery.completed"


class DeliveryCancelled(DeliveryEvent):
    """A deliverable was given up, by itself or with its project."""

    type = "delivery.cancelled"


class DeliveryMoved(DeliveryEvent):
    """The customer whom it is about was merged into another, or such a merge was undone."""

    type = "delivery.moved"


class IntakeStatus(StrEnum):
    """What became of a requirement that was handed over."""

    PLANNED = "planned"
    REFUSED = "refused"


class RefusalReason(StrEnum):
    """Why a requirement cannot be planned where it was asked for."""

    UNKNOWN_PROJECT = "unknown_project"
    PROJECT_OF_ANOTHER_CUSTOMER = "project_of_another_customer"
    PROJECT_ENDED = "project_ended"


class RequirementIntakeSnapshot(Snapshot):
    """State of the answer to the latest hand-over of a requirement; its `id` is the requirement's."""

    hand_over: int
    status: IntakeStatus
    refusal: RefusalReason | None
    project_id: UUID | None
    delivery_id: UUID | None


class RequirementIntakeEvent(DomainEvent[RequirementIntakeSnapshot]):
    """Base of the answers to hand-overs."""

    topic = "crm.project.v1"
    aggregate_type = "requirement_intake"


class RequirementIntakePlanned(RequirementIntakeEvent):
    """A requirement became a planned deliverable."""

    type = "requirement_intake.planned"


class RequirementIntakeRefused(RequirementIntakeEvent):
    """A requirement cannot be planned in the project that was asked for."""

    type = "requirement_intake.refused"


class RiskStatus(StrEnum):
    """Life cycle of a risk."""

    OPEN = "open"
    MITIGATING = "mitigating"
    CLOSED = "closed"


class RiskCategory(StrEnum):
    """What a risk is about."""

    REQUIREMENT = "requirement"
    TECHNICAL = "technical"
    PEOPLE = "people"
    SCHEDULE = "schedule"
    COST = "cost"
    QUALITY = "quality"
    MARKET = "market"
    CONTRACT = "contract"


class RiskSnapshot(OwnedSnapshot):
    """State of a risk; `score` is probability times impact."""

    project_id: UUID
    customer_id: UUID
    title: str
    category: RiskCategory
    probability: int = Field(ge=1, le=7, description="A step of the company's scale.")
    impact: int = Field(ge=1, le=7, description="A step of the company's scale.")
    score: int
    threshold: int
    exceeded: bool
    response: str | None
    status: RiskStatus
    level: RiskLevel = RiskLevel.LOW
    strategy: ResponseStrategy | None = None
    actions: tuple[ResponseAction, ...] = ()
    residual_probability: int | None = Field(default=None, description="As it will be after the response.")
    residual_impact: int | None = Field(default=None, description="As it will be after the response.")
    residual_score: int | None = None
    residual_level: RiskLevel | None = None
    likelihood_percent: int | None = Field(default=None, description="Null for that of the scale's step.")
    cost_impact: CostImpact | None = None
    delay_impact: DelayImpact | None = None
    task_ids: tuple[UUID, ...] = Field(default=(), description="The tasks of the plan that it makes longer.")
    expected_cost: Money | None = Field(default=None, description="The likelihood times the mean of `cost_impact`.")
    rule_id: UUID | None = Field(default=None, description="The rule that raised it.")
    close_suggested: bool = Field(default=False, description="What its rule looks at is good again.")
    struck: bool | None = Field(default=None, description="Whether it happened, as far as whoever closed it has said.")


class RiskEvent(DomainEvent[RiskSnapshot]):
    """Base of the risk events."""

    topic = "crm.risk.v1"
    aggregate_type = "risk"


class RiskRaised(RiskEvent):
    """A risk entered the register."""

    type = "risk.raised"


class RiskAssessed(RiskEvent):
    """Probability, impact or response of a risk changed, and its score stays under the threshold."""

    type = "risk.assessed"


class RiskThresholdExceeded(RiskEvent):
    """A risk's score reached the project's threshold; somebody has to act."""

    type = "risk.threshold_exceeded"


class RiskResponsePlanned(RiskEvent):
    """What is done about a risk changed: strategy, actions, or what will be left of it."""

    type = "risk.response_planned"


class RiskCloseSuggested(RiskEvent):
    """What the rule that raised a risk looks at is good again, or is bad once more: see `close_suggested`."""

    type = "risk.close_suggested"


class RiskClosed(RiskEvent):
    """A risk is over."""

    type = "risk.closed"


class RiskMoved(RiskEvent):
    """The customer whom it is about was merged into another, or such a merge was undone."""

    type = "risk.moved"


EVENTS: tuple[type[DomainEvent[Any]], ...] = (
    ProjectOpened,
    ProjectUpdated,
    ProjectPlanned,
    ProjectStarted,
    ProjectPaused,
    ProjectCompleted,
    ProjectClosed,
    ProjectCancelled,
    DeliveryPlanned,
    DeliveryStarted,
    DeliverySubmitted,
    DeliveryUpdated,
    DeliveryConditionallyAccepted,
    DeliveryPointSettled,
    DeliveryRejected,
    DeliveryCompleted,
    DeliveryCancelled,
    DeliveryMoved,
    RequirementIntakePlanned,
    RequirementIntakeRefused,
    RiskRaised,
    RiskAssessed,
    RiskThresholdExceeded,
    RiskResponsePlanned,
    RiskCloseSuggested,
    RiskClosed,
    RiskMoved,
)
