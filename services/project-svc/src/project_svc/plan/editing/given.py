"""From requests to edits."""

from typing import Any

from crm_contracts.plan.v1 import DurationEstimate, EarningMilestone, TaskAssignment, TaskEarning
from project_svc.plan.editing.edits import UNSAID, Edits, LinkEdit, Place, TaskEdit
from project_svc.plan.schemas import LinkPut, PlanEdit, TaskFields, TaskPut, TaskUpdate

_PLACE = frozenset({"id", "key", "parent", "parent_id", "predecessors", "project_id"})
_COMPLETE = 100


def edits_of(body: PlanEdit) -> Edits:
    """What an edit of a whole plan says."""
    return Edits(
        remove=[(id, f"/remove/{place}") for place, id in enumerate(body.remove)],
        put=[_put(one, f"/tasks/{place}") for place, one in enumerate(body.tasks)],
        places=[Place(one.task, one.parent, f"/order/{place}") for place, one in enumerate(body.order)],
    )


def edit_of(body: TaskUpdate, task: TaskEdit) -> Edits:
    """What an edit of one task says; ``task`` tells which."""
    links = [
        LinkEdit(str(one.task_id), one.kind, one.lag, one.elapsed, f"/predecessors/{place}")
        for place, one in enumerate(body.predecessors or ())
    ]
    edit = TaskEdit(
        pointer="",
        id=task.id,
        key=task.key,
        given=_given(body),
        parent=_text(body.parent_id) if "parent_id" in body.model_fields_set else UNSAID,
        links=links if "predecessors" in body.model_fields_set else None,
        base=_base(body),
    )
    return Edits(put=[edit])


def _put(one: TaskPut, pointer: str) -> TaskEdit:
    return TaskEdit(
        pointer=pointer,
        id=one.id,
        key=one.key,
        given=_given(one),
        parent=one.parent if "parent" in one.model_fields_set else UNSAID,
        links=_links(one.predecessors, pointer) if "predecessors" in one.model_fields_set else None,
        base=_base(one),
    )


def _links(links: tuple[LinkPut, ...], pointer: str) -> list[LinkEdit]:
    return [
        LinkEdit(one.task, one.kind, one.lag, one.elapsed, f"{pointer}/predecessors/{place}")
        for place, one in enumerate(links)
    ]


def _given(body: TaskFields) -> dict[str, Any]:
    """The members that were said, in the contract's types, and what they imply."""
    given = {name: getattr(body, name) for name in body.model_fields_set - _PLACE}
    if given.get("assignments") is not None:
        given["assignments"] = tuple(TaskAssignment(**dict(one)) for one in given["assignments"])
    if given.get("estimate") is not None:
        given["estimate"] = DurationEstimate(**dict(given["estimate"]))
    if body.earning is not None:
        steps = tuple(EarningMilestone(**dict(one)) for one in body.earning.milestones)
        given["earning"] = TaskEarning(technique=body.earning.technique, milestones=steps)
    if "effort_driven" not in given and ("duration" in given or given.get("effort") is not None):
        given["effort_driven"] = "duration" not in given
    if given.get("actual_finish") is not None and "percent_complete" not in given:
        given |= {"percent_complete": _COMPLETE, "remaining": None}
    return given


def _base(body: TaskFields) -> str | None:
    return None if body.earning is None else body.earning.base_task_id


def _text(value: object) -> str | None:
    return None if value is None else str(value)
