"""Baselines on their way out: under which numbers, and what they say of summaries."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from project_svc.baselines.service import Baseline, BaselineTask
from project_svc.exchange.arriving.baselines import MOST_NUMBER
from project_svc.exchange.arriving.incoming import uid_of
from project_svc.plan.service import Placed, Task
from project_svc.scheduling.calendars.worktime import OutOfCalendarError, WorkTime
from project_svc.scheduling.calendars.zones import moment_of


class Was(NamedTuple):
    """A task as a baseline has it; ``work`` is minutes of working time, None where there is none between its dates."""

    starts_at: datetime
    finishes_at: datetime
    work: int | None
    cost: Decimal
    effort: int | None


def numbered(newest_first: Sequence[Baseline]) -> dict[int, Baseline]:
    """Baselines by their numbers in a file, 0 for the current one; the oldest are left out where there are too many.

    One that a file has brought keeps its number, unless a newer one has it.
    """
    found: dict[int, Baseline] = {}
    others = []
    for one in newest_first:
        number = uid_of(one.external_id)
        if number is None and not found:
            number = 0
        if number is None or number in found:
            others.append(one)
        else:
            found[number] = one
    free = [number for number in range(1, MOST_NUMBER + 1) if number not in found]
    return dict(sorted((found | dict(zip(free, others, strict=False))).items()))


def rolled_up(kept: Iterable[BaselineTask], placed: Sequence[Placed[Task]], clock: WorkTime) -> dict[UUID, Was]:
    """What a baseline keeps of tasks, and what follows for the summaries that they are in now."""
    found = {one.task_id: Was(one.starts_at, one.finishes_at, one.work, one.cost, one.effort) for one in kept}
    within: dict[UUID, list[Was]] = {}
    for one in reversed(placed):
        task = one.task
        if task.id in within:
            found[task.id] = _whole(within[task.id], clock)
        if task.parent_id is not None and task.id in found:
            within.setdefault(task.parent_id, []).append(found[task.id])
    return found


def _whole(parts: Sequence[Was], clock: WorkTime) -> Was:
    begin, end = min(one.starts_at for one in parts), max(one.finishes_at for one in parts)
    efforts = [one.effort for one in parts if one.effort is not None]
    cost = sum((one.cost for one in parts), Decimal(0))
    return Was(begin, end, _between(begin, end, clock), cost, sum(efforts) if efforts else None)


def _between(begin: datetime, end: datetime, clock: WorkTime) -> int | None:
    try:
        return max(clock.between(moment_of(begin), moment_of(end)), 0)
    except OutOfCalendarError:
        return None
