"""A working calendar, and what it is to the scheduling engine."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from crm_contracts.plan.v1 import CalendarException, WorkSpan
from crm_platform.aggregate import AggregateState
from crm_platform.errors import FieldProblem
from crm_platform.words import Words
from project_svc.scheduling.calendars.public import Region, UnknownRegionError
from project_svc.scheduling.calendars.rules import DAY, DayException, Rules, Span
from project_svc.work_calendars.errors import ImpossibleCalendar

NOUN = Words("working calendar", "工作日历")

_OFFICE = (WorkSpan(begins="08:00", ends="12:00"), WorkSpan(begins="13:00", ends="17:00"))
WEEK: tuple[tuple[WorkSpan, ...], ...] = (_OFFICE,) * 5 + ((),) * 2
"""Five days of eight hours."""

_NO_ZONE = Words("There is no such time zone.", "没有该时区。")
_NO_REGION = Words("There is no list of public holidays for it.", "没有其公共假日数据。")
_BACKWARDS = Words("It ends before it begins.", "结束早于开始。")
_OVERLAP = Words("Its spans overlap.", "工作时段重叠。")


class WorkCalendar(AggregateState):
    """When work is done; of several exceptions that name a day, the first holds."""

    name: str
    time_zone: str = "UTC"
    week: tuple[tuple[WorkSpan, ...], ...] = WEEK
    exceptions: tuple[CalendarException, ...] = ()
    country: str | None = None
    subdivision: str | None = None

    def changed(self, **changes: Any) -> "WorkCalendar":
        """The calendar with other fields, made of the contract's types so that equal values are equal."""
        return WorkCalendar.model_validate(self.with_(**changes).model_dump())

    def checked(self, language: str) -> "WorkCalendar":
        """The calendar itself.

        Raises:
            ImpossibleCalendar: It says nothing sensible; the error names each place.
        """
        problems = [
            FieldProblem(pointer, code, words.into(language))
            for pointer, code, words in (*self._outside(), *self._own())
        ]
        if problems:
            raise ImpossibleCalendar(count=len(problems), errors=problems)
        return self

    def rules(self) -> Rules:
        """The calendar as the engine takes it."""
        return Rules(
            zone=self.time_zone,
            week=tuple(_spans(day) for day in self.week),
            exceptions=tuple(
                DayException(first=one.first_on, last=one.last_on, spans=_spans(one.spans), name=one.name)
                for one in self.exceptions
            ),
            region=None if self.country is None else Region(self.country, self.subdivision),
        )

    def _outside(self) -> Iterator[tuple[str, str, Words]]:
        try:
            ZoneInfo(self.time_zone)
        except (KeyError, ValueError, OSError):
            yield "/time_zone", "unknown_time_zone", _NO_ZONE
        if self.country is None:
            if self.subdivision is not None:
                yield "/subdivision", "unknown_region", _NO_REGION
            return
        try:
            Region(self.country, self.subdivision)
        except UnknownRegionError:
            yield "/country" if self.subdivision is None else "/subdivision", "unknown_region", _NO_REGION

    def _own(self) -> Iterator[tuple[str, str, Words]]:
        for day, spans in enumerate(self.week):
            if _overlap(spans):
                yield f"/week/{day}", "overlapping_spans", _OVERLAP
        for place, exception in enumerate(self.exceptions):
            if exception.last_on < exception.first_on:
                yield f"/exceptions/{place}/last_on", "ends_before_it_begins", _BACKWARDS
            if _overlap(exception.spans):
                yield f"/exceptions/{place}/spans", "overlapping_spans", _OVERLAP


def _spans(spans: tuple[WorkSpan, ...]) -> tuple[Span, ...]:
    return tuple(_span(one) for one in spans)


def _span(one: WorkSpan) -> Span:
    begin, end = _minutes(one.begins), _minutes(one.ends)
    return Span(begin, end if end > begin else end + DAY)


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def _overlap(spans: tuple[WorkSpan, ...]) -> bool:
    ordered = sorted(_spans(spans))
    return any(later.begin < earlier.end for earlier, later in pairwise(ordered))
