"""Events about outcomes, major version 1; project-svc publishes them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field

from crm_contracts.base import Contract, DecimalString, DomainEvent, Money, OwnedSnapshot


class OutcomeStatus(StrEnum):
    """Life cycle of an outcome."""

    PLANNED = "planned"
    MEASURED = "measured"
    EVALUATED = "evaluated"
    REVIEWED = "reviewed"
    DROPPED = "dropped"


class Direction(StrEnum):
    """Which way the indicator is to go."""

    INCREASE = "increase"
    DECREASE = "decrease"


class MeasureSource(StrEnum):
    """Where actual values come from.

    `typed`: a user enters them; `metric`: another system pushes them; `satisfaction` and `loyalty`: they follow the
    answered surveys of the project, see `SatisfactionIndex`.
    """

    TYPED = "typed"
    METRIC = "metric"
    SATISFACTION = "satisfaction"
    LOYALTY = "loyalty"


class Measurement(Contract):
    """One actual value."""

    measured_on: date
    value: DecimalString
    source: MeasureSource
    reference: str | None = Field(default=None, description="Under which the other system knows it.")
    note: str | None = None
    recorded_at: datetime
    recorded_by: str


class OutcomeVerdict(StrEnum):
    """How far the target was reached."""

    ACHIEVED = "achieved"
    PARTLY_ACHIEVED = "partly_achieved"
    NOT_ACHIEVED = "not_achieved"


class OutcomeEvidence(Contract):
    """What shows that an evaluation is right."""

    name: str
    url: str


class Evaluation(Contract):
    """What was made of the measurements."""

    score: int = Field(ge=0, le=100, description="The attainment, from 0 to 100, unless somebody judged otherwise.")
    verdict: OutcomeVerdict
    summary: str | None = None
    evidence: tuple[OutcomeEvidence, ...] = ()
    evaluated_at: datetime
    evaluated_by: str


class OutcomeReview(Contract):
    """A look back at an outcome, some time after the delivery."""

    verdict: OutcomeVerdict
    notes: str | None = None
    lessons: str | None = None
    next_review_on: date | None = None
    reviewed_at: datetime
    reviewed_by: str


class OutcomeSnapshot(OwnedSnapshot):
    """State of an outcome: what a project is to change for its customer, and what it did."""

    project_id: UUID
    customer_id: UUID
    name: str
    unit: str
    direction: Direction
    source: MeasureSource
    baseline: DecimalString
    baseline_on: date | None
    target: DecimalString
    target_on: date | None
    measure_on: tuple[date, ...] = Field(description="When it is to be measured.")
    measurements: tuple[Measurement, ...] = Field(description="In the order of their days.")
    actual: DecimalString | None = Field(description="The latest value.")
    attainment: DecimalString | None = Field(
        description="(actual - baseline) / (target - baseline) in per cent; may be negative, or over 100."
    )
    evaluation: Evaluation | None
    benefit: Money | None
    cost: Money | None
    benefit_cost_ratio: DecimalString | None
    review_on: date | None
    review_due: bool
    reviews: tuple[OutcomeReview, ...]
    status: OutcomeStatus
    drop_reason: str | None


class OutcomeEvent(DomainEvent[OutcomeSnapshot]):
    """Base of the outcome events."""

    topic = "crm.outcome.v1"
    aggregate_type = "outcome"


class OutcomePlanned(OutcomeEvent):
    """An outcome was agreed: an indicator with baseline and target."""

    type = "outcome.planned"


class OutcomeUpdated(OutcomeEvent):
    """What is agreed about an outcome changed."""

    type = "outcome.updated"


class OutcomeMeasured(OutcomeEvent):
    """There is a new actual value."""

    type = "outcome.measured"


class OutcomeEvaluated(OutcomeEvent):
    """It was judged how far the target was reached."""

    type = "outcome.evaluated"


class OutcomeReviewDue(OutcomeEvent):
    """The day of its review has come."""

    type = "outcome.review_due"


class OutcomeReviewed(OutcomeEvent):
    """Somebody looked back at the outcome."""

    type = "outcome.reviewed"


class OutcomeDropped(OutcomeEvent):
    """The outcome is no longer wanted."""

    type = "outcome.dropped"


class OutcomeMoved(OutcomeEvent):
    """The customer whom it is about was merged into another, or such a merge was undone."""

    type = "outcome.moved"


EVENTS: tuple[type[DomainEvent[Any]], ...] = (
    OutcomePlanned,
    OutcomeUpdated,
    OutcomeMeasured,
    OutcomeEvaluated,
    OutcomeReviewDue,
    OutcomeReviewed,
    OutcomeDropped,
    OutcomeMoved,
)
