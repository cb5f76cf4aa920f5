"""A baseline, and what it keeps of each task."""

from collections.abc import Collection, Iterable, Sequence
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
    external_id: str | None = None


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
        fixed_cost: The part of the cost that no rate brought about; None where it was not kept yet.
        effort: Minutes of work of all who were to do it together; None where nobody said.
    """

    task_id: UUID
    name: str
    starts_at: datetime
    finishes_at: datetime
    work: int
    cost: Decimal
    critical: bool
    fixed_cost: Decimal | None = None
    effort: int | None = None


class Brought(NamedTuple):
    """A baseline that a file of another program brings.

    Attributes:
        external_id: Under which that program knows it.
        name: What it is called.
        tasks: At least one.
    """

    external_id: str
    name: str
    tasks: Sequence[BaselineTask]


def says_the_same(known: Iterable[BaselineTask], brought: Sequence[BaselineTask], among: Collection[UUID]) -> bool:
    """Whether a baseline says of the tasks ``among`` what one that is brought says."""
    return _said(one for one in known if one.task_id in among) == _said(brought)


def _said(tasks: Iterable[BaselineTask]) -> set[tuple[object, ...]]:
    return {(one.task_id, one.starts_at, one.finishes_at, one.work, one.cost, one.effort or 0) for one in tasks}
