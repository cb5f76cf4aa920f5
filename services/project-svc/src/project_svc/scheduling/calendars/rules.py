"""What a working calendar says, day by day: the week, exceptions to it, public holidays; in a time zone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import NamedTuple, Self
from zoneinfo import ZoneInfo

import numpy as np

from project_svc.scheduling.calendars.intervals import Intervals, Minutes, covered
from project_svc.scheduling.calendars.public import Region, announced_until, public_days
from project_svc.scheduling.calendars.zones import moments

DAY = 24 * 60
_DAYS_OF_WEEK = 7
_EPOCH = date(1970, 1, 1)


class Span(NamedTuple):
    """Working time of a day, in minutes after its midnight by the clock; a night shift ends beyond 24 hours."""

    begin: int
    end: int


OFFICE = (Span(8 * 60, 12 * 60), Span(13 * 60, 17 * 60))
AROUND_THE_CLOCK = (Span(0, DAY),)


class CalendarError(ValueError):
    """Rules that say nothing sensible; the message says what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayException:
    """Other working time, or none, on the days ``first`` to ``last``: leave, a plant's shutdown, overtime."""

    first: date
    last: date
    spans: tuple[Span, ...] = ()
    name: str = ""

    def __post_init__(self) -> None:
        """Refuse an empty range and impossible spans.

        Raises:
            CalendarError: The range ends before it begins, or a span does.
        """
        if self.last < self.first:
            raise CalendarError(f"the exception of {self.first} ends before it begins")
        _check(self.spans)


@dataclass(frozen=True, kw_only=True)
class Rules:
    """A calendar of a project, a person or another resource.

    Attributes:
        zone: IANA name of the time zone in which its clock times are.
        week: Working spans of Monday to Sunday.
        exceptions: Of several that name a day, the first holds.
        region: Whose public holidays are free, and whose make-up days are worked; None for nobody's.
        make_up: Working spans of a make-up day; None for those of the first day of the week that has any.
    """

    zone: str = "UTC"
    week: tuple[tuple[Span, ...], ...] = (OFFICE,) * 5 + ((),) * 2
    exceptions: tuple[DayException, ...] = ()
    region: Region | None = None
    make_up: tuple[Span, ...] | None = None

    def __post_init__(self) -> None:
        """Refuse rules that say nothing sensible.

        Raises:
            CalendarError: Not seven days, an impossible span, or an unknown time zone.
        """
        if len(self.week) != _DAYS_OF_WEEK:
            raise CalendarError("a week has seven days")
        for spans in (*self.week, self.make_up or ()):
            _check(spans)
        try:
            ZoneInfo(self.zone)
        except (KeyError, ValueError, OSError) as error:
            raise CalendarError(f"there is no time zone {self.zone!r}") from error

    def derived(self, *exceptions: DayException, week: tuple[tuple[Span, ...], ...] | None = None) -> Self:
        """A calendar that differs: its own exceptions come before those that it inherits."""
        return replace(self, exceptions=(*exceptions, *self.exceptions), week=self.week if week is None else week)

    @property
    def announced_until(self) -> date | None:
        """The day after which public holidays are provisional, see :mod:`.public`; None for never."""
        return announced_until(self.region) if self.region else None

    def spans(self, day: date) -> tuple[Span, ...]:
        """Working spans of a day."""
        return self._special(day, day).get(day, self.week[day.weekday()])

    def working_days(self, first: date, last: date) -> list[date]:
        """Those of the days ``first`` to ``last`` on which work begins."""
        special = self._special(first, last)
        days = (first + timedelta(number) for number in range((last - first).days + 1))
        return [day for day in days if special.get(day, self.week[day.weekday()])]

    def between(self, first: date, last: date) -> Intervals:
        """Working intervals of the days ``first`` to ``last``; what a night shift works on the day after included."""
        special = self._special(first, last)
        begin = (first - _EPOCH).days
        days = np.arange(begin, begin + (last - first).days + 1)
        plain = ~np.isin(days, [(day - _EPOCH).days for day in special])
        weekdays = (days + _EPOCH.weekday()) % _DAYS_OF_WEEK
        begins: list[Minutes] = []
        ends: list[Minutes] = []
        for weekday, spans in enumerate(self.week):
            midnights = days[plain & (weekdays == weekday)] * DAY
            begins += [midnights + span.begin for span in spans]
            ends += [midnights + span.end for span in spans]
        own = [((day - _EPOCH).days * DAY, span) for day, spans in special.items() for span in spans]
        begins.append(np.array([midnight + span.begin for midnight, span in own], dtype=np.int64))
        ends.append(np.array([midnight + span.end for midnight, span in own], dtype=np.int64))
        clock = Intervals(np.concatenate(begins), np.concatenate(ends))
        zone = ZoneInfo(self.zone)
        return covered([Intervals(moments(clock.begins, zone), moments(clock.ends, zone))], 1)

    @cached_property
    def _make_up(self) -> tuple[Span, ...]:
        return next((spans for spans in self.week if spans), ()) if self.make_up is None else self.make_up

    def _special(self, first: date, last: date) -> dict[date, tuple[Span, ...]]:
        """The days of a range on which the week does not hold."""
        found: dict[date, tuple[Span, ...]] = {}
        for year in range(first.year, last.year + 1) if self.region else ():
            public = public_days(self.region, year) if self.region else None
            if public:
                found |= dict.fromkeys(public.off, ()) | dict.fromkeys(public.make_up, self._make_up)
        found = {day: spans for day, spans in found.items() if first <= day <= last}
        for exception in reversed(self.exceptions):
            begin, end = max(first, exception.first), min(last, exception.last)
            found |= {begin + timedelta(days): exception.spans for days in range((end - begin).days + 1)}
        return found


@dataclass(frozen=True, kw_only=True)
class Shared:
    """The time in which all of several calendars work: of a task, say, and of those who do it."""

    calendars: tuple[Rules, ...]

    def between(self, first: date, last: date) -> Intervals:
        """Working intervals of the days ``first`` to ``last``."""
        return covered([one.between(first, last) for one in self.calendars], len(self.calendars))


def _check(spans: Sequence[Span]) -> None:
    for span in spans:
        if not (0 <= span.begin < DAY and span.begin < span.end <= span.begin + DAY):
            raise CalendarError(f"a working span of {span.begin} to {span.end} minutes after midnight is impossible")
