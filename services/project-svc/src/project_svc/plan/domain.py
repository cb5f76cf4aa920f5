"""Tasks and plans: their states, and what follows from their fields alone."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from crm_contracts.base import CurrencyCode, Money
from crm_contracts.plan.v1 import ConstraintKind, DurationEstimate, TaskAssignment, TaskEarning, TaskKind, TaskLink
from crm_platform.aggregate import OwnedState
from crm_platform.words import Words

TASK = Words("task", "任务")
PLAN = Words("plan", "计划")

MOST_TASKS = 10_000
"""Tasks of one plan."""
ORDINARY = 500
"""Priority of a task of which nothing is said, 0 to 1000."""
CURRENCY = "CNY"
"""Of plans of projects without a budget."""
DATELESS = frozenset({ConstraintKind.AS_SOON_AS_POSSIBLE, ConstraintKind.AS_LATE_AS_POSSIBLE})
"""Constraints without a date."""

_WHOLE = 100


class Task(OwnedState):
    """Something to be done, a milestone, or a summary of the tasks below it; times are minutes of working time."""

    project_id: UUID
    parent_id: UUID | None = None
    position: int = 0
    name: str
    description: str | None = None
    wbs_code: str | None = None
    kind: TaskKind = TaskKind.TASK
    duration: int = 0
    effort: int | None = None
    effort_driven: bool = False
    estimate: DurationEstimate | None = None
    constraint_kind: ConstraintKind = ConstraintKind.AS_SOON_AS_POSSIBLE
    constraint_at: datetime | None = None
    deadline: datetime | None = None
    calendar_id: UUID | None = None
    fixed_cost: Money | None = None
    priority: int = ORDINARY
    predecessors: tuple[TaskLink, ...] = ()
    assignments: tuple[TaskAssignment, ...] = ()
    percent_complete: int = 0
    actual_start: datetime | None = None
    actual_finish: datetime | None = None
    remaining: int | None = None
    external_id: str | None = None
    earning: TaskEarning | None = None

    @property
    def left(self) -> int:
        """Minutes of working time that are left to do."""
        if self.actual_finish is not None:
            return 0
        if self.remaining is not None:
            return self.remaining
        return -(-self.duration * (_WHOLE - self.percent_complete) // _WHOLE)

    def timed(self, workers: Collection[UUID]) -> "Task":
        """The task with the duration that follows from its kind, or from its effort and who of ``workers`` does it."""
        if self.kind is TaskKind.MILESTONE:
            return self if self.duration == 0 else self.with_(duration=0)
        if not self.effort_driven or self.effort is None:
            return self
        units = sum(one.units for one in self.assignments if one.resource_id in workers) or _WHOLE
        duration = -(-self.effort * _WHOLE // units)
        return self if duration == self.duration else self.with_(duration=duration)


class Plan(OwnedState):
    """What is true of all tasks of a project together; its id is the project's, its version the revision."""

    revision: int = 0
    calendar_id: UUID | None = None
    currency: CurrencyCode = CURRENCY
    status_at: datetime | None = None
    task_count: int = 0
    starts_at: datetime | None = None
    finishes_at: datetime | None = None
