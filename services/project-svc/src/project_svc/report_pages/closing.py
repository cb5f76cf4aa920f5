"""What a closing report says, as it is kept from when it is made; all lists have their first 200 members."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from crm_contracts.base import Money
from crm_contracts.closing.v1 import SuccessVerdict
from crm_platform.days import DEFAULT_ZONE


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)


class BaselineLine(_Part):
    """A baseline, and the change request that set it."""

    number: int
    name: str
    starts_at: datetime
    finishes_at: datetime
    cost: Money
    change: int | None


class LateTask(_Part):
    """A task that ended after the day of the last baseline."""

    name: str
    planned: datetime
    actual: datetime


class Progress(_Part):
    """The tasks without children, and when the first began and the last ended."""

    total: int = 0
    finished: int = 0
    began_at: datetime | None = None
    ended_at: datetime | None = None


class EarnedValue(_Part):
    """Earned value at the end (PMI), in one currency; indices without unit, None where they are not defined."""

    currency: str
    bac: Decimal
    pv: Decimal
    ev: Decimal
    ac: Decimal
    sv: Decimal
    cv: Decimal
    spi: Decimal | None
    cpi: Decimal | None
    spi_of_time: Decimal | None


class DeliveryLine(_Part):
    """A deliverable, and how it was accepted."""

    name: str
    status: str
    due_on: date
    submissions: int
    accepted_at: datetime | None
    on_time: bool | None
    open_points: int


class GateLine(_Part):
    """A quality gate, and how its last review ended."""

    name: str
    kind: str
    status: str
    planned_on: date
    reviews: int
    reviewed_at: datetime | None


class ChangeLine(_Part):
    """A change request; ``finish_delta`` is minutes of working time."""

    number: int
    title: str
    category: str
    status: str
    finish_delta: int | None
    cost_delta: Money | None


class RiskLine(_Part):
    """A risk, and whether it struck."""

    title: str
    category: str
    level: str
    status: str
    struck: bool | None


class IssueLine(_Part):
    """An issue or a defect."""

    title: str
    kind: str
    severity: str
    status: str
    resolution: str | None
    resolved_at: datetime | None


class OutcomeLine(_Part):
    """An outcome as it stood, and when it will be looked at next."""

    name: str
    unit: str
    baseline: Decimal
    target: Decimal
    actual: Decimal | None
    attainment: Decimal | None
    verdict: str | None
    review_on: date | None


class LessonLine(_Part):
    """A lesson learned."""

    title: str
    effect: str
    category: str
    happened: str
    cause: str | None
    recommendation: str


class ClosingContent(_Part):
    """All that a closing report says; ``people`` are those whom the company plans with, by their user's id."""

    project_id: UUID
    project: str
    customer: str | None
    contract_reference: str | None
    status: str
    starts_on: date
    due_on: date
    completed_at: datetime | None
    made_at: datetime
    time_zone: str = DEFAULT_ZONE
    """In which its days are told, also when the company has another one later."""
    manager_id: UUID | None
    member_ids: tuple[UUID, ...]
    people: dict[UUID, str]
    objectives: tuple[str, ...]
    scope_in: tuple[str, ...]
    scope_out: tuple[str, ...]
    summary: str
    verdicts: tuple[SuccessVerdict, ...]
    budget: Money | None
    spent: tuple[Money, ...]
    value: EarnedValue | None
    baselines: tuple[BaselineLine, ...]
    progress: Progress
    late: tuple[LateTask, ...]
    deliveries: tuple[DeliveryLine, ...]
    gates: tuple[GateLine, ...]
    changes: tuple[ChangeLine, ...]
    risks: tuple[RiskLine, ...]
    issues: tuple[IssueLine, ...]
    outcomes: tuple[OutcomeLine, ...]
    lessons: tuple[LessonLine, ...]
    more: tuple[str, ...] = ()
    """Lists that have more members than are shown, by the names of these fields."""
