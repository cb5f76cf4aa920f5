"""Calendars of a file as working calendars: each with all that it has from the one that it stands on."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from project_svc.exchange.mspdi.document import FileCalendar, FileException
from project_svc.scheduling.calendars.rules import DAY, DayException, Rules, Span

MOST_BASES = 10
"""Calendars that stand on each other, or a circle of them."""
_WEEK = 7 * DAY


def full_calendar(calendar: FileCalendar, known: Mapping[int, FileCalendar], time_zone: str) -> dict[str, Any]:
    """The calendar as the request that makes it: a day of which neither it nor its base says anything is free."""
    lineage = list(_lineage(calendar, known))
    exceptions = [_exception(exception) for one in lineage for exception in one.exceptions]
    return {
        "name": calendar.name or f"Calendar {calendar.uid}",
        "time_zone": time_zone,
        "week": [_spans(spans) for spans in _week(lineage)],
        "exceptions": exceptions,
    }


def rules_of(calendar: FileCalendar, known: Mapping[int, FileCalendar]) -> Rules:
    """The calendar as the scheduling engine takes it, its times taken for UTC."""
    lineage = list(_lineage(calendar, known))
    return Rules(
        week=_week(lineage),
        exceptions=tuple(
            DayException(first=one.first, last=one.last, spans=one.spans)
            for calendar in lineage
            for one in calendar.exceptions
        ),
    )


def meet(one: FileCalendar, other: FileCalendar, known: Mapping[int, FileCalendar]) -> bool:
    """Whether there is any time of an ordinary week in which both work."""
    spans = [list(_of_week(_week(list(_lineage(calendar, known))))) for calendar in (one, other)]
    return any(
        max(first.begin, second.begin + shift) < min(first.end, second.end + shift)
        for first in spans[0]
        for second in spans[1]
        for shift in (-_WEEK, 0, _WEEK)
    )


def _of_week(week: tuple[tuple[Span, ...], ...]) -> Iterator[Span]:
    """The spans in minutes after the beginning of Monday; a night shift of Sunday ends in the next week."""
    for day, spans in enumerate(week):
        for span in spans:
            yield Span(day * DAY + span.begin, day * DAY + span.end)


def own_calendar(uid: int | None, known: Mapping[int, FileCalendar]) -> int | None:
    """The calendar that a number stands for, once those that add nothing to their base are passed over."""
    calendar = None if uid is None else known.get(uid)
    for _ in range(MOST_BASES):
        if calendar is None or calendar.base is None or calendar.base not in known or _differs(calendar):
            break
        calendar = known[calendar.base]
    return None if calendar is None else calendar.uid


def _differs(calendar: FileCalendar) -> bool:
    return bool(calendar.exceptions) or any(spans is not None for spans in calendar.week)


def _lineage(calendar: FileCalendar, known: Mapping[int, FileCalendar]) -> Iterator[FileCalendar]:
    """A calendar, the one it stands on, and so on."""
    for _ in range(MOST_BASES):
        yield calendar
        if calendar.base is None or calendar.base not in known:
            return
        calendar = known[calendar.base]


def _week(lineage: Sequence[FileCalendar]) -> tuple[tuple[Span, ...], ...]:
    """The spans of Monday to Sunday; of each day those of the first calendar that says anything of it."""
    days = zip(*(one.week for one in lineage), strict=True)
    return tuple(next((spans for spans in said if spans is not None), ()) for said in days)


def _exception(exception: FileException) -> dict[str, Any]:
    return {
        "first_on": exception.first,
        "last_on": exception.last,
        "spans": _spans(exception.spans),
        "name": exception.name[:200],
    }


def _spans(spans: tuple[Span, ...]) -> list[dict[str, str]]:
    return [{"begins": clock(one.begin), "ends": clock(one.end)} for one in spans]


def clock(minutes: int) -> str:
    """A time of the day; midnight is 00:00 whichever end of the day it is."""
    return f"{minutes % DAY // 60:02}:{minutes % 60:02}"
