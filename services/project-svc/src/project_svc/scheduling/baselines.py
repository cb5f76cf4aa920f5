"""Baselines: what was planned at some time; and what has become of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from project_svc.scheduling.calendars.worktime import Source, WorkTime
from project_svc.scheduling.calendars.zones import datetime_of
from project_svc.scheduling.network.plan import Plan
from project_svc.scheduling.network.schedule import Schedule

_HOUR = Decimal(60)


class Cost(NamedTuple):
    """What a task costs: an amount, and one for each hour of its duration; all in one currency."""

    fixed: Decimal = Decimal(0)
    per_hour: Decimal = Decimal(0)

    def of(self, minutes: int) -> Decimal:
        """The cost of a task of so many working minutes, unrounded."""
        return self.fixed + self.per_hour * minutes / _HOUR


class Planned(NamedTuple):
    """A task as planned: moments, working minutes, cost."""

    start: int
    finish: int
    work: int
    cost: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """A plan as it was; summaries are left out, they follow from their tasks.

    Attributes:
        finish: When it ends.
        tasks: By task.
        critical_path: The tasks that hold its end.
    """

    finish: int
    tasks: Mapping[str, Planned]
    critical_path: tuple[str, ...] = ()

    @property
    def cost(self) -> Decimal:
        """Of all tasks together."""
        return sum((task.cost for task in self.tasks.values()), Decimal(0))


class Variance(NamedTuple):
    """What has become of a task: now less before.

    Attributes:
        task: Which.
        start: Working minutes that it starts later.
        finish: Working minutes that it ends later.
        work: Working minutes that it takes longer.
        cost: By how much it costs more.
    """

    task: str
    start: int
    finish: int
    work: int
    cost: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two baselines beside each other.

    Attributes:
        changed: The tasks that are in both and differ, in the order of the later one.
        added: Tasks that are only in the later one.
        removed: Tasks that are only in the earlier one.
        finish: Working minutes that the later one ends later.
        cost: By how much it costs more.
        critical_path: Of both: earlier, later.
    """

    changed: tuple[Variance, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    finish: int
    cost: Decimal
    critical_path: tuple[tuple[str, ...], tuple[str, ...]] = field(default=((), ()))


_FREE = Cost()


def baseline_of(plan: Plan, schedule: Schedule, costs: Mapping[str, Cost] | None = None) -> Baseline:
    """The baseline of a schedule; a task without cost is free."""
    costs = costs or {}
    parents = {task.parent for task in plan.tasks}
    tasks = {}
    for task in plan.tasks:
        if task.id in parents:
            continue
        dates = schedule.dates[task.id]
        cost = costs.get(task.id, _FREE).of(task.duration)
        tasks[task.id] = Planned(dates.start, dates.finish, task.duration, cost)
    return Baseline(finish=schedule.finish, tasks=tasks, critical_path=schedule.critical_path)


def compared(before: Baseline, after: Baseline, calendar: Source) -> Comparison:
    """What differs between two baselines, in working time of ``calendar``."""
    clock = WorkTime(calendar, datetime_of(before.finish).date())
    both = [name for name in after.tasks if name in before.tasks]
    variances = [_variance(name, before.tasks[name], after.tasks[name], clock) for name in both]
    return Comparison(
        changed=tuple(
            one for one, name in zip(variances, both, strict=True) if before.tasks[name] != after.tasks[name]
        ),
        added=tuple(name for name in after.tasks if name not in before.tasks),
        removed=tuple(name for name in before.tasks if name not in after.tasks),
        finish=clock.between(before.finish, after.finish),
        cost=after.cost - before.cost,
        critical_path=(before.critical_path, after.critical_path),
    )


def _variance(name: str, before: Planned, after: Planned, clock: WorkTime) -> Variance:
    return Variance(
        task=name,
        start=clock.between(before.start, after.start),
        finish=clock.between(before.finish, after.finish),
        work=after.work - before.work,
        cost=after.cost - before.cost,
    )
