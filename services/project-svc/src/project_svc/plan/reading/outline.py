"""The tasks of a plan in their places, each behind its summary."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Generic, NamedTuple, TypeVar
from uuid import UUID

T = TypeVar("T")
_DEEPEST_NUMBER = 50
"""Outline numbers grow with their depth; below, they say nothing to anybody."""


class Placed(NamedTuple, Generic[T]):
    """A task with its level, 1 at the top, and its number in the outline, such as 1.2.3; None deep down."""

    task: T
    level: int
    number: str | None


def in_places(
    tasks: Iterable[T], *, id_of: Callable[[T], UUID], parent_of: Callable[[T], UUID | None]
) -> Iterator[Placed[T]]:
    """All tasks in the order in which people read them; those of one parent stay in the order that they come in."""
    children: dict[UUID | None, list[T]] = {}
    for task in tasks:
        children.setdefault(parent_of(task), []).append(task)
    stack = _last_first(children.get(None, ()), 1, "")
    while stack:
        placed = stack.pop()
        yield placed
        above = None if placed.number is None else f"{placed.number}."
        stack += _last_first(children.get(id_of(placed.task), ()), placed.level + 1, above)


def _last_first(tasks: Sequence[T], level: int, above: str | None) -> list[Placed[T]]:
    numbered = above is not None and level <= _DEEPEST_NUMBER
    return [
        Placed(task, level, f"{above}{number}" if numbered else None)
        for number, task in zip(range(len(tasks), 0, -1), reversed(tasks), strict=True)
    ]
