"""A baseline, and what it keeps of each task."""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from crm_contracts.base import Money
from crm_platform.aggregate import OwnedState
from crm_platform.words import Words

NOUN = Words("baseline", "基准计划")

FIRST = Words("Approved dates", "批准的日期")
"""Name of the baseline that the start of a project without tasks sets."""


class Baseline(OwnedState):
    """A plan as it was; ``work`` is minutes of working time of all tasks together."""

    project_id: UUID
    number: int
    name: str
    plan_revision: int
    starts_at: datetime
    finishes_at: datetime
    work: int
    cost: Money
    task_count: int
    change_request_id: UUID | None = None


class BaselineTask(NamedTuple):
    """A task without children as it was planned.

    Attributes:
        task_id: Which.
        name: What it was called.
        starts_at: When it was to start.
        finishes_at: When it was to end.
        work: Minutes of working time.
        cost: In the currency of the baseline.
        critical: Whether it held the end of the plan; their order is that of their starts.
    """

    task_id: UUID
    name: str
    starts_at: datetime
    finishes_at: datetime
    work: int
    cost: Decimal
    critical: bool
