"""What a plan makes: dates, floats, cost; levelled, and what edits would do. Pure, and meant for threads."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from crm_contracts.plan.v1 import TaskKind
from crm_platform.days import begin_of
from project_svc.plan.service import (
    Plan,
    PlanOutOfCalendar,
    Priced,
    Surroundings,
    Task,
    conflict_of,
    network_of,
    priced,
)
from project_svc.resources.service import Resource
from project_svc.schedules.errors import NotEnoughOfResource
from project_svc.scheduling.baselines import Baseline, baseline_of
from project_svc.scheduling.calendars.worktime import OutOfCalendarError
from project_svc.scheduling.calendars.zones import datetime_of, moment_of
from project_svc.scheduling.levelling import Assignment, ShortageError, Supply, Wait, levelled
from project_svc.scheduling.network import plan as engine
from project_svc.scheduling.network.cpm import scheduled
from project_svc.scheduling.network.schedule import Schedule

_CENT = Decimal("0.0001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoning:
    """A plan with its schedule.

    Attributes:
        plan: Its state.
        tasks: By id.
        around: What it refers to.
        network: As the engine takes it.
        schedule: Its dates.
        costs: What tasks cost.
        waits: What levelling has delayed, and why.
    """

    plan: Plan
    tasks: Mapping[UUID, Task]
    around: Surroundings
    network: engine.Plan
    schedule: Schedule
    costs: Priced
    waits: tuple[Wait, ...] = ()

    @property
    def baseline(self) -> Baseline:
        """Dates and costs of the tasks without children; made anew each time."""
        return baseline_of(self.network, self.schedule, self.costs.costs)


def reckoned(plan: Plan, tasks: Mapping[UUID, Task], around: Surroundings, *, level: bool = False) -> Reckoning:
    """The schedule of a plan; constraints that cannot hold are in its conflicts.

    Raises:
        PlanOutOfCalendar: There is no working time for it.
        NotEnoughOfResource: Levelled, a task needs more of a resource than there will ever be.
    """
    network = network_of(plan, tasks.values(), around)
    waits: tuple[Wait, ...] = ()
    with refusals_named(tasks, around):
        if level:
            supplies, needs = demand(tasks, around)
            found = levelled(network, supplies, needs, ranks_of(tasks))
            schedule, waits = found.schedule, found.waits
        else:
            schedule = scheduled(network, tolerant=True)
    costs = priced(tasks.values(), around, schedule.dates, plan.currency)
    return Reckoning(
        plan=plan, tasks=tasks, around=around, network=network, schedule=schedule, costs=costs, waits=waits
    )


@contextmanager
def refusals_named(tasks: Mapping[UUID, Task], around: Surroundings) -> Iterator[None]:
    """Say what the engine refuses in the words of the plan.

    Raises:
        PlanOutOfCalendar: There is no working time for it.
        NotEnoughOfResource: A task needs more of a resource than there will ever be.
    """
    try:
        yield
    except OutOfCalendarError as error:
        raise PlanOutOfCalendar from error
    except ShortageError as error:
        raise shortage(error, tasks, around) from error


def shortage(error: ShortageError, tasks: Mapping[UUID, Task], around: Surroundings) -> NotEnoughOfResource:
    """What the engine refuses, with the names of task and resource."""
    return NotEnoughOfResource(task=tasks[UUID(error.task)].name, resource=around.resources[UUID(error.resource)].name)


def _supply(resource: Resource, around: Surroundings) -> Iterator[Supply]:
    zone = ZoneInfo(around.rules(resource.calendar_id).zone)
    for step in resource.capacity:
        yield Supply(moment_of(begin_of(step.since, zone)), step.units)


def demand(tasks: Mapping[UUID, Task], around: Surroundings) -> tuple[dict[str, list[Supply]], list[Assignment]]:
    """How much there is of the resources that work for a time, and which tasks need how much of them."""
    workers = around.workers
    supplies = {str(id): list(_supply(around.resources[id], around)) for id in sorted(workers)}
    needs = [
        Assignment(str(task.id), str(one.resource_id), one.units)
        for task in tasks.values()
        for one in task.assignments
        if one.resource_id in workers and task.kind is not TaskKind.SUMMARY
    ]
    return supplies, needs


def ranks_of(tasks: Mapping[UUID, Task]) -> dict[str, int]:
    """Of two that want the same resource the one of higher priority goes first."""
    return {str(task.id): -task.priority for task in tasks.values()}


def document(reckoning: Reckoning) -> dict[str, Any]:
    """A schedule as JSON."""
    schedule, plan, baseline = reckoning.schedule, reckoning.plan, reckoning.baseline
    some = bool(reckoning.tasks)
    return {
        "project_id": str(plan.id),
        "plan_revision": plan.version,
        "starts_at": moment(schedule.start) if some else None,
        "finishes_at": moment(schedule.finish) if some else None,
        "provisional_from": _provisional(reckoning),
        "cost": money(baseline.cost, plan.currency),
        "unpriced": list(reckoning.costs.unpriced),
        "critical_path": list(schedule.critical_path),
        "conflicts": [conflict_of(one, reckoning.tasks) for one in schedule.conflicts],
        "waits": [_wait(one) for one in reckoning.waits],
        "tasks": _tasks(reckoning, baseline),
    }


def _tasks(reckoning: Reckoning, baseline: Baseline) -> list[dict[str, Any]]:
    schedule = reckoning.schedule
    found = []
    for id, dates in schedule.dates.items():
        task = reckoning.tasks[UUID(id)]
        own = baseline.tasks.get(id)
        found.append(
            {
                "task_id": id,
                "name": task.name,
                "kind": task.kind.value,
                **{name: moment(getattr(dates, name)) for name in _MOMENTS},
                "total_float": dates.total_float,
                "free_float": dates.free_float,
                "critical": dates.critical,
                "driver_id": schedule.drivers.get(id),
                "cost": None if own is None else money(own.cost, reckoning.plan.currency),
            }
        )
    return found


_MOMENTS = ("start", "finish", "early_start", "early_finish", "late_start", "late_finish")


def _wait(wait: Wait) -> dict[str, Any]:
    return {
        "task_id": wait.task,
        "resource_id": wait.resource,
        "since": moment(wait.since),
        "until": moment(wait.until),
        "holder_ids": list(wait.holders),
    }


def _provisional(reckoning: Reckoning) -> str | None:
    """The day from which on public holidays are not announced yet, where the plan reaches beyond it."""
    days = [rules.announced_until for rules in reckoning.around.calendars.values()]
    known = min((day for day in days if day is not None), default=None)
    zone = ZoneInfo(reckoning.around.rules(reckoning.plan.calendar_id).zone)
    if known is None or datetime_of(reckoning.schedule.finish, zone).date() <= known:
        return None
    return known.isoformat()


def moment(minutes: int) -> str:
    """A moment of the engine as JSON."""
    return datetime_of(minutes).isoformat()


def money(amount: Decimal, currency: str) -> dict[str, str]:
    """Money as JSON, to four places."""
    return {"amount": format(amount.quantize(_CENT).normalize(), "f"), "currency": currency}
