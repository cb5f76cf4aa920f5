"""Calendars of a file: the week, exceptions with their repetitions, and the older form of both."""

from collections.abc import Iterator
from datetime import date
from itertools import islice

from lxml import etree

from crm_platform.words import Words
from project_svc.exchange.mspdi.document import FileCalendar, FileException
from project_svc.exchange.mspdi.recurring import days_of
from project_svc.exchange.mspdi.values import Fields, Problems
from project_svc.exchange.mspdi.xml import children, texts_of
from project_svc.scheduling.calendars.rules import DAY, Span

MAX_EXCEPTIONS = 1_000
"""Of one calendar, repetitions counted one by one."""
_EXCEPTION_DAY, _SUNDAY = 0, 1


def calendar_of(element: etree._Element, problems: Problems) -> FileCalendar:
    """The calendar that an element describes."""
    texts = texts_of(element)
    fields = Fields(f"Calendar {texts.get('UID', '?')}", texts, problems)
    base = fields.whole("BaseCalendarUID", -1, -1, 2**31)
    uid = fields.whole("UID", -1, 0, 2**31)
    stands_alone = fields.flag("IsBaseCalendar") or base in {-1, uid}
    found = _exceptions(element, fields, problems)
    exceptions = tuple(islice(found, MAX_EXCEPTIONS))
    if next(found, None) is not None:
        fields.wrong("Exceptions", Words(f"has more than {MAX_EXCEPTIONS} days", f"例外日超过 {MAX_EXCEPTIONS} 个"))
    return FileCalendar(
        uid=uid,
        name=fields.text("Name"),
        base=None if stands_alone else base,
        week=_week(element, fields.place, problems),
        exceptions=exceptions,
    )


def _week(element: etree._Element, place: str, problems: Problems) -> tuple[tuple[Span, ...] | None, ...]:
    """Monday to Sunday; files count from Sunday, 1."""
    week: list[tuple[Span, ...] | None] = [None] * 7
    for day in children(element, "WeekDays", "WeekDay"):
        fields = Fields(f"{place}/WeekDay", texts_of(day), problems)
        kind = fields.whole("DayType", _EXCEPTION_DAY, 0, 7)
        if kind != _EXCEPTION_DAY:
            week[(kind - _SUNDAY - 1) % 7] = _spans(day, fields, problems)
    return tuple(week)


def _exceptions(element: etree._Element, owner: Fields, problems: Problems) -> Iterator[FileException]:
    """Of the calendar; before Project 2007 they stood among the days of the week, and since then often in both."""
    newer = list(children(element, "Exceptions", "Exception"))
    for one in newer:
        yield from _exception(one, Fields(f"{owner.place}/Exception", texts_of(one), problems), problems)
    for one in () if newer else children(element, "WeekDays", "WeekDay"):
        fields = Fields(f"{owner.place}/WeekDay", texts_of(one), problems)
        if fields.whole("DayType", _EXCEPTION_DAY, 0, 7) == _EXCEPTION_DAY:
            yield from _exception(one, fields, problems)


def _exception(element: etree._Element, fields: Fields, problems: Problems) -> Iterator[FileException]:
    period = next(children(element, "TimePeriod"), None)
    bounds = Fields(f"{fields.place}/TimePeriod", {} if period is None else texts_of(period), problems)
    first, last = bounds.moment("FromDate"), bounds.moment("ToDate")
    if first is None or last is None:
        fields.wrong("TimePeriod", Words("has no first and last day", "缺少起止日期"))
        return
    if last < first:
        fields.wrong("TimePeriod", Words("ends before it begins", "结束早于开始"))
        return
    spans, name = _spans(element, fields, problems), fields.text("Name")
    for begin, end in days_of(fields, _day(first), _day(last)):
        yield FileException(first=begin, last=end, spans=spans, name=name)


def _day(moment: date) -> date:
    return date(moment.year, moment.month, moment.day)


def _spans(element: etree._Element, fields: Fields, problems: Problems) -> tuple[Span, ...]:
    if not fields.flag("DayWorking"):
        return ()
    found = []
    for one in children(element, "WorkingTimes", "WorkingTime"):
        times = Fields(f"{fields.place}/WorkingTime", texts_of(one), problems)
        begin, end = times.clock("FromTime"), times.clock("ToTime")
        if begin is not None and end is not None and begin != end:
            found.append(Span(begin, end if end > begin else end + DAY))
        elif begin == end == 0:
            found.append(Span(0, DAY))
    return tuple(sorted(found))
