"""What clients send and get."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from crm_contracts.base import DecimalString, Money
from crm_contracts.outcome.v1 import (
    Direction,
    Evaluation,
    Measurement,
    MeasureSource,
    OutcomeReview,
    OutcomeStatus,
    OutcomeVerdict,
)
from crm_platform.http.fields import NUMERIC, Day, LongText, Name, Price, ShortText, absent

MeasureDays = Annotated[tuple[Day, ...], Field(max_length=120)]
Unit = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
WebAddress = Annotated[str, StringConstraints(pattern=r"^https?://[^\s<>\"]+$", max_length=2000)]
Score = Annotated[int, Field(ge=0, le=100), NUMERIC]


class OutcomeCreate(BaseModel):
    """An indicator that a project is to move, from a baseline to a target."""

    model_config = ConfigDict(extra="forbid")

    project_id: UUID
    name: Name
    unit: Unit = Field(description="Such as `%`, `小时` or `CNY`.")
    direction: Direction = Direction.INCREASE
    source: MeasureSource = MeasureSource.TYPED
    baseline: DecimalString
    baseline_on: Day | None = None
    target: DecimalString
    target_on: Day | None = None
    measure_on: MeasureDays = ()
    benefit: Price | None = Field(default=None, description="What it is worth to the customer.")
    cost: Price | None = Field(default=None, description="What it took.")
    review_on: Day | None = Field(default=None, description="When to look back; may be after the project's end.")


class OutcomeUpdate(BaseModel):
    """What is agreed about an outcome; members that are absent stay."""

    model_config = ConfigDict(extra="forbid")

    name: Name = Field(default_factory=absent)
    unit: Unit = Field(default_factory=absent)
    direction: Direction = Field(default_factory=absent)
    baseline: DecimalString = Field(default_factory=absent)
    baseline_on: Day | None = None
    target: DecimalString = Field(default_factory=absent)
    target_on: Day | None = None
    measure_on: MeasureDays = Field(default_factory=absent)
    benefit: Price | None = None
    cost: Price | None = None
    review_on: Day | None = None


class MeasurementGiven(BaseModel):
    """An actual value."""

    model_config = ConfigDict(extra="forbid")

    value: DecimalString
    measured_on: Day | None = Field(
        default=None, description="Today in the company's time zone if absent; another of that day goes."
    )
    reference: ShortText | None = Field(
        default=None, description="Of the system that pushes it; told again under the same one, nothing changes."
    )
    note: LongText | None = None


class EvidenceLink(BaseModel):
    """What shows that an evaluation is right."""

    model_config = ConfigDict(extra="forbid")

    name: ShortText
    url: WebAddress


class EvaluationGiven(BaseModel):
    """What is made of the values."""

    model_config = ConfigDict(extra="forbid")

    score: Score | None = Field(default=None, description="What the attainment says if absent.")
    summary: LongText | None = None
    evidence: Annotated[tuple[EvidenceLink, ...], Field(max_length=20)] = ()


class ReviewGiven(BaseModel):
    """A look back."""

    model_config = ConfigDict(extra="forbid")

    verdict: OutcomeVerdict
    notes: LongText | None = None
    lessons: LongText | None = Field(default=None, description="What to do otherwise the next time.")
    next_review_on: Day | None = Field(default=None, description="To look again; without it the outcome is over.")


class DropGiven(BaseModel):
    """Why nobody wants the outcome any more."""

    model_config = ConfigDict(extra="forbid")

    reason: LongText


class OutcomeRead(BaseModel):
    """An outcome."""

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
    unit: str
    direction: Direction
    source: MeasureSource
    baseline: DecimalString
    baseline_on: date | None
    target: DecimalString
    target_on: date | None
    measure_on: list[date]
    measurements: list[Measurement]
    actual: DecimalString | None
    attainment: DecimalString | None
    evaluation: Evaluation | None
    benefit: Money | None
    cost: Money | None
    benefit_cost_ratio: DecimalString | None
    review_on: date | None
    review_due: bool
    reviews: list[OutcomeReview]
    status: OutcomeStatus
    drop_reason: str | None


def agreed(body: OutcomeCreate) -> dict[str, Any]:
    """The members of a new outcome."""
    return {name: getattr(body, name) for name in OutcomeCreate.model_fields if name != "project_id"}
