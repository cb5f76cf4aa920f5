"""The tasks of a plan in their places, each behind its summary."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

from project_svc.plan.service import Task


class Placed(NamedTuple):
    """A task with its level, 1 at the top."""

    task: Task
    level: int


def in_places(tasks: Iterable[Task]) -> list[Placed]:
    """All tasks in the order in which people read them."""
    children: dict[UUID | None, list[Task]] = {}
    for task in sorted(tasks, key=lambda one: (one.position, one.id)):
        children.setdefault(task.parent_id, []).append(task)
    return list(_walk(children))


def _walk(children: dict[UUID | None, list[Task]]) -> Iterator[Placed]:
    stack = _last_first(children.get(None, ()), 1)
    while stack:
        placed = stack.pop()
        yield placed
        stack += _last_first(children.get(placed.task.id, ()), placed.level + 1)


def _last_first(tasks: Sequence[Task], level: int) -> list[Placed]:
    return [Placed(task, level) for task in reversed(tasks)]
