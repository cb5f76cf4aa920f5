"""Periods, and how much of a resource there is in each: pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np

from project_svc.resources.domain import Resource
from project_svc.scheduling.calendars.intervals import Minutes
from project_svc.scheduling.calendars.rules import Rules
from project_svc.scheduling.calendars.worktime import WorkTime
from project_svc.standings.domain import midnights

_WEEK = timedelta(7)
_MONTHS = 12
_WHOLE = 100


class Unit(StrEnum):
    """How long a period is."""

    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True)
class Periods:
    """Weeks from Monday, or months of the calendar, one after the other.

    Attributes:
        unit: Which of these.
        starts: First days, in order; at least one.
    """

    unit: Unit
    starts: tuple[date, ...]

    @classmethod
    def touching(cls, first: date, last: date, unit: Unit) -> "Periods":
        """Those that have a day from ``first`` to ``last``."""
        return cls(unit, tuple(_starts(first, last, unit)))

    @cached_property
    def end(self) -> date:
        """The first day after the last of them."""
        return _next(self.starts[-1], self.unit)

    @property
    def last_on(self) -> date:
        """The last day of the last of them."""
        return self.end - timedelta(1)

    @cached_property
    def places(self) -> dict[date, int]:
        """The place of each by its first day."""
        return {start: place for place, start in enumerate(self.starts)}

    def ends(self) -> Iterator[date]:
        """Last days, in order."""
        for start in self.starts:
            yield _next(start, self.unit) - timedelta(1)

    def start_of(self, day: date) -> date:
        """The first day of the period that a day is in."""
        return _start(day, self.unit)


class Clocks:
    """Working minutes of days, by the rules of calendars; made once for each."""

    def __init__(self, periods: Periods) -> None:
        self._periods = periods
        self._number = (periods.end - periods.starts[0]).days
        self._edges = [(start - periods.starts[0]).days for start in periods.starts]
        self._known: dict[Rules, Minutes] = {}

    def capacity(self, resource: Resource, rules: Rules) -> list[int]:
        """Minutes of a resource in each period: the working time of its calendar, times how much of it there is."""
        units = np.zeros(self._number, dtype=np.int64)
        for step in resource.capacity:
            units[max((step.since - self._periods.starts[0]).days, 0) :] = step.units
        worked = self._days(rules) * units
        return [round(one / _WHOLE) for one in np.add.reduceat(worked, self._edges).tolist()]

    def _days(self, rules: Rules) -> Minutes:
        if rules not in self._known:
            first = self._periods.starts[0]
            clock = WorkTime(rules, first)
            self._known[rules] = np.diff(clock.work_many(midnights(first, self._number + 1, ZoneInfo(rules.zone))))
        return self._known[rules]


@dataclass(frozen=True, slots=True)
class Load:
    """A resource in a period; minutes.

    Attributes:
        capacity: How much there is.
        demand: How much projects need, by their schedules.
        booked: How much was worked by timesheets; None for what has none.
    """

    capacity: int = 0
    demand: int = 0
    booked: int | None = None

    @property
    def over(self) -> int:
        """By how much more is needed than there is."""
        return max(self.demand - self.capacity, 0)


def together(loads: Sequence[Load]) -> Load:
    """Several resources in one period; what one has too much another may have too little of."""
    booked = [one.booked for one in loads if one.booked is not None]
    return Load(sum(one.capacity for one in loads), sum(one.demand for one in loads), sum(booked) if booked else None)


def _starts(first: date, last: date, unit: Unit) -> Iterator[date]:
    start = _start(first, unit)
    while start <= last:
        yield start
        start = _next(start, unit)


def _start(day: date, unit: Unit) -> date:
    return day - timedelta(day.weekday()) if unit is Unit.WEEK else day.replace(day=1)


def _next(start: date, unit: Unit) -> date:
    if unit is Unit.WEEK:
        return start + _WEEK
    return date(start.year + start.month // _MONTHS, start.month % _MONTHS + 1, 1)
