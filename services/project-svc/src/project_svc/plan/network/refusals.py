"""What the engine refuses, as problems that name the tasks."""

from collections.abc import Callable, Collection, Mapping
from typing import Any
from uuid import UUID

from crm_platform.errors import DomainError, FieldProblem
from crm_platform.words import Words
from project_svc.plan.domain import Task
from project_svc.plan.errors import ConstraintImpossible, PlanOutOfCalendar, PlanRefused, PlanTooCostly, TaskCycle
from project_svc.plan.network.build import Surroundings
from project_svc.plan.network.costs import MOST, priced
from project_svc.scheduling.calendars.worktime import OutOfCalendarError
from project_svc.scheduling.calendars.zones import datetime_of
from project_svc.scheduling.network.cpm import scheduled
from project_svc.scheduling.network.plan import Conflict, CycleError, Plan, PlanError
from project_svc.scheduling.network.schedule import Schedule

_SHOWN = 12


def refused_or_scheduled(
    plan: Plan, tasks: Mapping[UUID, Task], pointers: Mapping[UUID, str], known: Callable[[], Plan]
) -> Schedule:
    """The schedule of a plan.

    Args:
        plan: As the engine takes it.
        tasks: By id.
        pointers: Where those stand in the request that it names.
        known: Gives the plan before: constraints that were broken already are no reason to refuse an edit.

    Raises:
        TaskCycle: Tasks wait for each other.
        ConstraintImpossible: A constraint cannot hold.
        PlanOutOfCalendar: There is no working time for it.
        PlanRefused: Something else means nothing.
    """
    try:
        schedule = scheduled(plan, tolerant=True)
        new = _new_conflicts(schedule, known)
    except CycleError as error:
        path = [UUID(id) for id in error.path]
        raise TaskCycle(tasks=_named(path, tasks), errors=_places(path, pointers)) from error
    except OutOfCalendarError as error:
        raise PlanOutOfCalendar from error
    except PlanError as error:
        raise _meaningless(error, pointers) from error
    if new:
        raise _impossible(new, tasks, pointers)
    return schedule


def refuse_what_costs_too_much(
    tasks: Mapping[UUID, Task],
    around: Surroundings,
    schedule: Schedule,
    currency: str,
    pointers: Mapping[UUID, str],
    *,
    language: str,
) -> None:
    """See to it that a plan can be priced.

    Raises:
        PlanTooCostly: It costs more than amounts can say; names the member by which its last task adds the most.
    """
    try:
        priced(tasks.values(), around, schedule.dates, currency)
    except PlanTooCostly as error:
        task = tasks[error.task_id]
        fixed = task.fixed_cost is not None and task.fixed_cost.amount * 2 >= MOST
        if task.id in pointers:
            place = f"{pointers[task.id]}/{'fixed_cost' if fixed else 'assignments'}"
            error.errors = (FieldProblem(place, "too_costly", error.detail(language)),)
        raise


def _new_conflicts(schedule: Schedule, known: Callable[[], Plan]) -> list[Conflict]:
    if not schedule.conflicts:
        return []
    before = {(one.task, one.constraint) for one in scheduled(known(), tolerant=True).conflicts}
    return [one for one in schedule.conflicts if (one.task, one.constraint) not in before]


def _impossible(
    conflicts: Collection[Conflict], tasks: Mapping[UUID, Task], pointers: Mapping[UUID, str]
) -> DomainError:
    told = [conflict_of(one, tasks) for one in list(conflicts)[:_SHOWN]]
    first = told[0]
    names = [task["name"] for task in first["path"]]
    shown = names if len(names) <= _SHOWN else [*names[: _SHOWN - 1], "…", names[-1]]
    places = [UUID(one.task) for one in conflicts]
    return ConstraintImpossible(
        conflicts=told,
        constraint=first["constraint_kind"],
        name=names[-1],
        moment=first["earliest"],
        path=" → ".join(shown),
        errors=_places(places, pointers),
    )


def conflict_of(conflict: Conflict, tasks: Mapping[UUID, Task]) -> dict[str, Any]:
    """A constraint that cannot hold, as JSON."""
    moment = conflict.constraint.moment
    return {
        "task_id": conflict.task,
        "constraint_kind": conflict.constraint.kind.value,
        "constraint_at": None if moment is None else rfc3339(moment),
        "earliest": rfc3339(conflict.moment),
        "path": _named([UUID(id) for id in conflict.path], tasks),
    }


def rfc3339(moment: int) -> str:
    """A moment of the engine as JSON has it."""
    return datetime_of(moment).isoformat()


def _named(path: Collection[UUID], tasks: Mapping[UUID, Task]) -> list[dict[str, str]]:
    return [{"id": str(id), "name": tasks[id].name} for id in path]


def _places(path: Collection[UUID], pointers: Mapping[UUID, str]) -> list[FieldProblem]:
    return [FieldProblem(pointers[id], "part_of_problem", pointers[id]) for id in path if id in pointers][:_SHOWN]


def _meaningless(error: PlanError, pointers: Mapping[UUID, str]) -> PlanRefused:
    text = Words(str(error), str(error))
    pointer = pointers.get(UUID(error.task), f"/tasks/{error.task}")
    return PlanRefused(count=1, errors=[FieldProblem(pointer, "impossible_task", text.into("en"))])
