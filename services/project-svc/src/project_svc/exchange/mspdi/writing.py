"""What a plan says, as a file that Microsoft Project opens; elements stand in the order of Microsoft's schema."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO

from lxml import etree

from project_svc.exchange.mspdi.document import (
    FileAssignment,
    FileBaseline,
    FileCalendar,
    FileException,
    FileLink,
    FileRate,
    FileResource,
    FileTask,
    ProjectFile,
    ResourceKind,
)
from project_svc.exchange.mspdi.tasks import CONSTRAINTS, LINKS
from project_svc.scheduling.calendars.rules import DAY, Span

NAMESPACE = "http://schemas.microsoft.com/project"
_SAVE_VERSION = 14
_MOST_NUMBERED = 50
"""Levels of the outline for which its number is written: it grows with the depth, and readers go by the level."""
_NONE = -1
_DAYS, _ELAPSED_DAYS, _MINUTES, _ELAPSED_MINUTES, _PERCENT, _ELAPSED_PERCENT = 7, 8, 3, 4, 19, 20
_PER_HOUR, _PER_UNIT = 2, 8
_UNWRITABLE = re.compile("[^\\t\\n\\r\\u0020-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


def write(file: ProjectFile) -> bytes:
    """The bytes of a file, UTF-8."""
    output = BytesIO()
    with etree.xmlfile(output, encoding="utf-8") as xml:
        xml.write_declaration(standalone=True)
        with xml.element("Project", nsmap={None: NAMESPACE}):
            for one in _properties(file):
                xml.write(one)
            for name, parts in (
                ("Calendars", map(_calendar, file.calendars)),
                ("Tasks", _tasks(file)),
                ("Resources", map(_resource, file.resources)),
                ("Assignments", _assignments(file)),
            ):
                with xml.element(name):
                    for one in parts:
                        xml.write(one)
    return output.getvalue()


def _properties(file: ProjectFile) -> Iterator[etree._Element]:
    values: Mapping[str, object] = {
        "SaveVersion": _SAVE_VERSION,
        "Name": file.title,
        "Title": file.title,
        "ScheduleFromStart": True,
        "StartDate": file.start,
        "FinishDate": file.finish,
        "CurrencyCode": file.currency,
        "CalendarUID": file.calendar,
        "MinutesPerDay": file.minutes_per_day,
        "MinutesPerWeek": file.minutes_per_week,
        "DaysPerMonth": file.days_per_month,
        "HonorConstraints": True,
        "StatusDate": file.status,
    }
    for name, value in values.items():
        if value is not None:
            yield _leaf(name, value)


def _element(name: str, values: Mapping[str, object]) -> etree._Element:
    """An element with simple children, without those that are None."""
    found = etree.Element(name)
    for child, value in values.items():
        if value is not None:
            found.append(_leaf(child, value))
    return found


def _leaf(name: str, value: object) -> etree._Element:
    found = etree.Element(name)
    found.text = _text(value)
    return found


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, Decimal):
        return f"{value:f}"
    return _clean(str(value))


def _clean(text: str) -> str:
    """Without characters that XML cannot hold."""
    return _UNWRITABLE.sub("", text)


def _duration(minutes: int | None) -> str | None:
    return None if minutes is None else f"PT{minutes // 60}H{minutes % 60}M0S"


def _money(amount: Decimal) -> Decimal:
    return amount * 100


def _calendar(calendar: FileCalendar) -> etree._Element:
    found = _element(
        "Calendar",
        {
            "UID": calendar.uid,
            "Name": calendar.name,
            "IsBaseCalendar": calendar.base is None,
            "BaseCalendarUID": _NONE if calendar.base is None else calendar.base,
        },
    )
    known = [(index, spans) for index, spans in enumerate(calendar.week) if spans is not None]
    if known:
        days = etree.SubElement(found, "WeekDays")
        for index, spans in sorted(known, key=lambda one: _day_type(one[0])):
            day = _element("WeekDay", {"DayType": _day_type(index), "DayWorking": bool(spans)})
            _add_times(day, spans)
            days.append(day)
    if calendar.exceptions:
        exceptions = etree.SubElement(found, "Exceptions")
        for exception in calendar.exceptions:
            exceptions.append(_exception(exception))
    return found


def _day_type(weekday: int) -> int:
    """Sunday is 1; ``weekday`` counts from Monday, 0."""
    return (weekday + 1) % 7 + 1


def _exception(exception: FileException) -> etree._Element:
    found = _element("Exception", {"EnteredByOccurrences": False})
    found.append(_element("TimePeriod", {"FromDate": _midnight(exception.first), "ToDate": _end_of(exception.last)}))
    count = (exception.last - exception.first).days + 1
    for child, value in (("Occurrences", count), ("Name", exception.name), ("Type", 1)):
        found.append(_leaf(child, value))
    found.append(_leaf("DayWorking", bool(exception.spans)))
    _add_times(found, exception.spans)
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min)


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time(23, 59))


def _add_times(day: etree._Element, spans: tuple[Span, ...]) -> None:
    if spans:
        times = etree.SubElement(day, "WorkingTimes")
        for span in spans:
            times.append(_element("WorkingTime", {"FromTime": _clock(span.begin), "ToTime": _clock(span.end)}))


def _clock(minutes: int) -> str:
    return f"{minutes % DAY // 60:02}:{minutes % 60:02}:00"


def _tasks(file: ProjectFile) -> Iterator[etree._Element]:
    yield _element(
        "Task",
        {"UID": 0, "ID": 0, "Name": file.title, "Type": 1, "IsNull": False, "OutlineNumber": 0, "OutlineLevel": 0}
        | {"Start": file.start, "Finish": file.finish, "Summary": True},
    )
    waits: dict[int, list[FileLink]] = {}
    for link in file.links:
        waits.setdefault(link.after, []).append(link)
    levels: dict[int | None, int] = {None: 0}
    numbers: dict[int | None, str] = {None: ""}
    counts: dict[int | None, int] = {}
    for row, task in enumerate(file.tasks, start=1):
        counts[task.parent] = counts.get(task.parent, 0) + 1
        levels[task.uid] = levels[task.parent] + 1
        if levels[task.uid] <= _MOST_NUMBERED:
            numbers[task.uid] = f"{numbers[task.parent]}.{counts[task.parent]}".lstrip(".")
        yield _task(task, row, numbers.get(task.uid), levels[task.uid], waits.get(task.uid, []))


def _task(task: FileTask, row: int, number: str | None, level: int, waits: list[FileLink]) -> etree._Element:
    ended = task.actual_finish is not None
    found = _element(
        "Task",
        {
            "UID": task.uid,
            "ID": row,
            "Name": task.name,
            "Manual": task.manual,
            "Type": 1,
            "IsNull": False,
            "WBS": task.wbs,
            "OutlineNumber": number,
            "OutlineLevel": level,
            "Priority": task.priority,
            "Start": task.start,
            "Finish": task.finish,
            "Duration": _duration(task.duration),
            "ManualStart": task.start if task.manual else None,
            "ManualFinish": task.finish if task.manual else None,
            "ManualDuration": _duration(task.duration) if task.manual else None,
            "DurationFormat": _ELAPSED_DAYS if task.elapsed else _DAYS,
            "Work": _duration(task.work),
            "EffortDriven": False,
            "Milestone": task.milestone,
            "Summary": task.summary,
            "FixedCost": _money(task.fixed_cost),
            "PercentComplete": task.percent_complete,
            "ActualStart": task.actual_start,
            "ActualFinish": task.actual_finish,
            "ActualDuration": _duration(None if task.remaining is None else max(task.duration - task.remaining, 0)),
            "RemainingDuration": _duration(0 if ended and task.remaining is None else task.remaining),
            "ConstraintType": CONSTRAINTS.index(task.constraint),
            "CalendarUID": _NONE if task.calendar is None else task.calendar,
            "ConstraintDate": task.constraint_date,
            "Deadline": task.deadline,
            "Notes": task.notes or None,
        },
    )
    for link in waits:
        found.append(_link(link))
    for baseline in task.baselines:
        found.append(_baseline(baseline))
    return found


def _link(link: FileLink) -> etree._Element:
    unit = _ELAPSED_DAYS if link.elapsed else _DAYS
    lag = Decimal(link.lag) * 10
    if link.percent is not None:
        unit, lag = _ELAPSED_PERCENT if link.elapsed else _PERCENT, link.percent
    return _element(
        "PredecessorLink",
        {"PredecessorUID": link.before, "Type": LINKS.index(link.kind), "CrossProject": False}
        | {"LinkLag": lag, "LagFormat": unit},
    )


def _baseline(baseline: FileBaseline) -> etree._Element:
    return _element(
        "Baseline",
        {
            "Number": baseline.number,
            "Start": baseline.start,
            "Finish": baseline.finish,
            "Duration": _duration(baseline.duration),
            "DurationFormat": None if baseline.duration is None else _DAYS,
            "Work": _duration(baseline.work),
            "Cost": baseline.cost,
        },
    )


_RESOURCE_TYPES = {ResourceKind.MATERIAL: 0, ResourceKind.WORK: 1, ResourceKind.COST: 0}


def _resource(resource: FileResource) -> etree._Element:
    material = resource.kind is ResourceKind.MATERIAL
    found = _element(
        "Resource",
        {
            "UID": resource.uid,
            "ID": resource.uid,
            "Name": resource.name,
            "Type": _RESOURCE_TYPES[resource.kind],
            "IsNull": False,
            "Initials": resource.initials or None,
            "Group": resource.group or None,
            "EmailAddress": resource.email or None,
            "MaxUnits": resource.max_units,
            "CalendarUID": _NONE if resource.calendar is None else resource.calendar,
            "Notes": resource.notes or None,
            "IsCostResource": resource.kind is ResourceKind.COST,
        },
    )
    if resource.availability:
        periods = etree.SubElement(found, "AvailabilityPeriods")
        for one in resource.availability:
            values = {"AvailableFrom": one.since, "AvailableTo": one.until, "AvailableUnits": one.units}
            periods.append(_element("AvailabilityPeriod", values))
    if resource.rates:
        rates = etree.SubElement(found, "Rates")
        for rate in resource.rates:
            rates.append(_rate(rate, _PER_UNIT if material else _PER_HOUR))
    return found


def _rate(rate: FileRate, unit: int) -> etree._Element:
    return _element(
        "Rate",
        {
            "RatesFrom": rate.since,
            "RatesTo": rate.until,
            "RateTable": 0,
            "StandardRate": rate.standard,
            "StandardRateFormat": unit,
            "OvertimeRate": rate.overtime,
            "OvertimeRateFormat": unit,
            "CostPerUse": _money(rate.per_use),
        },
    )


def _assignments(file: ProjectFile) -> Iterator[etree._Element]:
    for number, one in enumerate(file.assignments, start=1):
        yield _assignment(number, one)


def _assignment(number: int, one: FileAssignment) -> etree._Element:
    return _element(
        "Assignment",
        {
            "UID": number,
            "TaskUID": one.task,
            "ResourceUID": one.resource,
            "ActualWork": _duration(one.actual_work),
            "Cost": _money(one.cost),
            "RemainingWork": _duration(one.remaining_work),
            "Units": one.units,
            "Work": _duration(one.work),
        },
    )
