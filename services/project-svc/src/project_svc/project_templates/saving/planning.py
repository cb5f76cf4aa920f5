"""The plan of a project as that of a template."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_contracts.plan.v1 import ResourceKind, TaskAssignment, TaskEarning, TaskKind
from project_svc.plan.service import Task, in_order
from project_svc.project_templates.content.days import Days
from project_svc.resources.service import Resource

_KEPT = (
    "name",
    "description",
    "wbs_code",
    "duration",
    "effort",
    "effort_driven",
    "constraint_kind",
    "calendar_id",
    "fixed_cost",
    "priority",
)
"""Members of a task that are the same in a template; progress and the names of other systems are not in one."""


def keys_of(tasks: Iterable[Task]) -> dict[UUID, str]:
    """What tasks are called in a template: by their number in the order in which people read them."""
    return {placed.task.id: f"t{number}" for number, placed in enumerate(in_order(tasks), 1)}


def tasks_of(
    tasks: Mapping[UUID, Task], keys: Mapping[UUID, str], resources: Mapping[UUID, Resource], days: Days
) -> list[dict[str, Any]]:
    """The tasks of a plan as a template has them.

    Args:
        tasks: All of the plan, by id.
        keys: What they are called.
        resources: Those that are assigned, by id.
        days: Of the project.
    """
    return [_task(tasks[id], key, keys, resources, days) for id, key in keys.items()]


def moment(days: Days, when: datetime | None) -> dict[str, Any] | None:
    """A moment as a template has it."""
    if when is None:
        return None
    (number, working), minutes = days.distance_of(when)
    return {"days": number, "working": working, "minutes": minutes}


def _task(
    task: Task, key: str, keys: Mapping[UUID, str], resources: Mapping[UUID, Resource], days: Days
) -> dict[str, Any]:
    return {
        **{name: getattr(task, name) for name in _KEPT},
        "key": key,
        "parent": None if task.parent_id is None else keys[task.parent_id],
        "kind": TaskKind.TASK if task.kind is TaskKind.SUMMARY else task.kind,
        "estimate": None if task.estimate is None else dict(task.estimate),
        "constraint_at": moment(days, task.constraint_at),
        "deadline": moment(days, task.deadline),
        "predecessors": [
            {"task": keys[link.task_id], "kind": link.kind, "lag": link.lag, "elapsed": link.elapsed}
            for link in task.predecessors
        ],
        "earning": None if task.earning is None else _earning(task.earning, keys),
        "needs": [_need(one, resources[one.resource_id]) for one in task.assignments],
    }


def _earning(earning: TaskEarning, keys: Mapping[UUID, str]) -> dict[str, Any]:
    return {
        "technique": earning.technique,
        "milestones": [{"name": one.name, "weight": one.weight} for one in earning.milestones],
        "base_task": None if earning.base_task_id is None else keys[earning.base_task_id],
    }


def _need(assignment: TaskAssignment, resource: Resource) -> dict[str, Any]:
    """People become what they can do; machines and material are the company's, and stay."""
    need: dict[str, Any] = {"units": assignment.units, "effort": assignment.effort}
    if resource.kind is ResourceKind.PERSON:
        return need | {"skills": resource.skills}
    return need | {"resource_id": resource.id}
