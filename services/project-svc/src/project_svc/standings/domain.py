"""What is known of how a project stands, and how work spreads over days: pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np

from project_svc.scheduling.calendars.intervals import Minutes
from project_svc.scheduling.calendars.worktime import WorkTime
from project_svc.scheduling.calendars.zones import EPOCH, datetime_of, moments

_DAY = 24 * 60
_WHOLE = 100


class Demand(NamedTuple):
    """Minutes for which a task needs a resource, day by day.

    Attributes:
        task_id: The task.
        resource_id: Whom it needs.
        first_on: The first day.
        minutes: Of that day and each that follows.
    """

    task_id: UUID
    resource_id: UUID
    first_on: date
    minutes: tuple[int, ...]

    @property
    def last_on(self) -> date:
        """The last day."""
        return self.first_on + timedelta(len(self.minutes) - 1)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a project stands; see the columns of `project_standings`."""

    project_id: UUID
    health: str
    reasons: Sequence[Mapping[str, Any]]
    currency: str
    figures: Mapping[str, Decimal | None]
    other_risk_costs: Sequence[Mapping[str, str]]
    counts: Mapping[str, int]
    times: Mapping[str, datetime | None]
    milestone_id: UUID | None = None
    delivery: tuple[UUID, date] | None = None
    demands: Sequence[Demand] = field(default=())


def spread(clock: WorkTime, zone: ZoneInfo, span: tuple[int, int], total: int) -> tuple[date, tuple[int, ...]] | None:
    """``total`` minutes from one moment to another, spread evenly over the working time between them, day by day.

    Days are those of ``zone``; rounding moves no minute by more than a day, and loses none. None without working time.
    """
    begin, end = span
    first = datetime_of(begin, zone).date()
    last = datetime_of(max(end - 1, begin), zone).date()
    done = clock.work_many(np.clip(midnights(first, (last - first).days + 2, zone), begin, end))
    worked = int(done[-1] - done[0])
    if not worked or not total:
        return None
    until = np.rint((done - done[0]) * (total / worked)).astype(np.int64)
    return first, tuple(np.diff(until).tolist())


def midnights(first: date, number: int, zone: ZoneInfo) -> Minutes:
    """The moments at which so many days in a row begin in ``zone``."""
    clock = ((first - EPOCH.date()).days + np.arange(number, dtype=np.int64)) * _DAY
    return moments(clock, zone)


def assigned_minutes(duration: int, units: int, effort: int | None) -> int:
    """The work of an assignment: its effort where that is given, else its units over the whole duration."""
    return effort if effort is not None else round(duration * units / _WHOLE)
