"""What must be true of the tasks of a plan, but for what its network tells."""

from collections.abc import Iterator, Mapping
from uuid import UUID

from crm_contracts.plan.v1 import ConstraintKind, EarningTechnique, TaskEarning, TaskKind
from crm_platform.words import Words
from project_svc.plan.domain import DATELESS, Task
from project_svc.plan.editing import words

Broken = tuple[str, str, Words]
"""Where, the name of the rule, and what is wrong."""

_OF_SUMMARIES = {
    ConstraintKind.AS_SOON_AS_POSSIBLE,
    ConstraintKind.START_NO_EARLIER_THAN,
    ConstraintKind.FINISH_NO_LATER_THAN,
}
_NOT_DISCRETE = {EarningTechnique.APPORTIONED_EFFORT, EarningTechnique.LEVEL_OF_EFFORT}
_COMPLETE = 100


class Tree:
    """Which tasks are part of which, by the numbers of a walk through all of them."""

    def __init__(self, tasks: Mapping[UUID, Task]) -> None:
        """A tree that bites its tail is refused elsewhere; nothing in it is part of anything here."""
        children: dict[UUID | None, list[UUID]] = {}
        for id, task in tasks.items():
            children.setdefault(task.parent_id, []).append(id)
        self._begin: dict[UUID, int] = {}
        self._end: dict[UUID, int] = {}
        stack = list(children.get(None, ()))
        while stack:
            id = stack[-1]
            if id in self._begin:
                self._end[id] = len(self._begin)
                stack.pop()
            else:
                self._begin[id] = len(self._begin)
                stack += children.get(id, ())

    def inside(self, inner: UUID, outer: UUID) -> bool:
        """Whether one is below the other."""
        if inner not in self._begin or outer not in self._begin:
            return False
        return self._begin[outer] < self._begin[inner] < self._end[outer]


def broken(tasks: Mapping[UUID, Task], pointers: Mapping[UUID, str], currency: str) -> list[Broken]:
    """All rules that tasks break.

    Args:
        tasks: All of the plan, by id.
        pointers: Where those stand in the request that it names; others are named by their id.
        currency: The plan's.
    """
    found: list[Broken] = []
    tree = Tree(tasks)
    for id, task in tasks.items():
        if id not in pointers and task.kind is not TaskKind.SUMMARY and not task.predecessors and not task.earning:
            continue
        pointer = pointers.get(id, f"/tasks/{id}")
        found += [(f"{pointer}/{place}", code, text) for place, code, text in _of_task(task, tasks, tree, currency)]
    return found


def _of_task(task: Task, tasks: Mapping[UUID, Task], tree: Tree, currency: str) -> Iterator[Broken]:
    yield from _of_constraint(task)
    yield from _of_progress(task)
    yield from _of_links(task, tasks, tree)
    if task.earning is not None:
        yield from _of_earning(task, task.earning, tasks)
    if task.kind is TaskKind.SUMMARY:
        if task.assignments:
            yield "assignments", "summary_with_assignments", words.SUMMARY_WORKS
        if task.actual_start is not None or task.percent_complete:
            yield "actual_start", "summary_with_progress", words.SUMMARY_PROGRESS
    resources = [one.resource_id for one in task.assignments]
    if len(set(resources)) < len(resources):
        yield "assignments", "resource_assigned_twice", words.RESOURCE_TWICE
    estimate = task.estimate
    if estimate is not None and not estimate.optimistic <= estimate.most_likely <= estimate.pessimistic:
        yield "estimate", "estimate_out_of_order", words.ESTIMATE_ORDER
    if task.fixed_cost is not None and task.fixed_cost.currency != currency:
        yield "fixed_cost/currency", "other_currency", words.OTHER_CURRENCY


def _of_constraint(task: Task) -> Iterator[Broken]:
    dateless = task.constraint_kind in DATELESS
    if dateless and task.constraint_at is not None:
        yield "constraint_at", "constraint_without_date", words.DATE_TOO_MUCH
    elif not dateless and task.constraint_at is None:
        yield "constraint_at", "constraint_needs_date", words.DATE_MISSING
    if task.kind is TaskKind.SUMMARY and task.constraint_kind not in _OF_SUMMARIES:
        yield "constraint_kind", "constraint_of_summary", words.OF_SUMMARY


def _of_progress(task: Task) -> Iterator[Broken]:
    begun, ended = task.actual_start, task.actual_finish
    if begun is None:
        if ended is not None or task.percent_complete:
            yield "actual_start", "progress_without_start", words.NOT_BEGUN
        return
    if ended is None:
        return
    if ended < begun:
        yield "actual_finish", "ends_before_it_starts", words.ENDS_EARLY
    if task.percent_complete != _COMPLETE or task.remaining:
        yield "percent_complete", "ended_but_not_complete", words.NOT_COMPLETE


def _of_earning(task: Task, earning: TaskEarning, tasks: Mapping[UUID, Task]) -> Iterator[Broken]:
    technique = earning.technique
    if task.kind is TaskKind.SUMMARY:
        yield "earning", "summary_with_earning", words.SUMMARY_EARNS
    if technique is EarningTechnique.WEIGHTED_MILESTONES and not earning.milestones:
        yield "earning/milestones", "milestones_missing", words.STEPS_MISSING
    elif technique is not EarningTechnique.WEIGHTED_MILESTONES and earning.milestones:
        yield "earning/milestones", "milestones_of_other_technique", words.STEPS_TOO_MUCH
    at = "earning/base_task_id"
    if technique is not EarningTechnique.APPORTIONED_EFFORT:
        if earning.base_task_id is not None:
            yield at, "base_of_other_technique", words.BASE_TOO_MUCH
    elif earning.base_task_id is None:
        yield at, "base_missing", words.BASE_MISSING
    elif earning.base_task_id not in tasks:
        yield at, "unknown_task", words.UNKNOWN_TASK
    elif not _discrete(tasks[earning.base_task_id]):
        yield at, "base_not_discrete", words.BASE_NOT_DISCRETE


def _discrete(task: Task) -> bool:
    """Whether a task earns by what is done of it; then it is also another one than any that is apportioned."""
    steady = task.earning is not None and task.earning.technique in _NOT_DISCRETE
    return task.kind is not TaskKind.SUMMARY and not steady


def _of_links(task: Task, tasks: Mapping[UUID, Task], tree: Tree) -> Iterator[Broken]:
    seen = set()
    for place, link in enumerate(task.predecessors):
        before = tasks[link.task_id]
        at = f"predecessors/{place}"
        if before.id == task.id:
            yield at, "link_to_itself", words.OF_ITSELF
        if (before.id, link.kind) in seen:
            yield at, "link_named_twice", words.LINK_TWICE
        seen.add((before.id, link.kind))
        if before.kind is TaskKind.SUMMARY and link.kind.from_start:
            yield f"{at}/kind", "start_of_summary", words.START_OF_SUMMARY
        if task.kind is TaskKind.SUMMARY and link.kind.to_finish:
            yield f"{at}/kind", "finish_of_summary", words.FINISH_OF_SUMMARY
        if tree.inside(before.id, task.id) or tree.inside(task.id, before.id):
            yield at, "link_inside_summary", words.INSIDE
