"""Calendars and resources as they are written."""

from datetime import date, datetime, time

from lxml import etree

from project_svc.exchange.mspdi.document import FileCalendar, FileException, FileRate, FileResource, ResourceKind
from project_svc.exchange.mspdi.elements import element, leaf, money
from project_svc.exchange.mspdi.week import clock
from project_svc.scheduling.calendars.rules import Span

_NONE = -1
_PER_HOUR, _PER_UNIT = 2, 8


def calendar_element(calendar: FileCalendar) -> etree._Element:
    """A calendar."""
    found = element(
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
            day = element("WeekDay", {"DayType": _day_type(index), "DayWorking": bool(spans)})
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
    found = element("Exception", {"EnteredByOccurrences": False})
    found.append(element("TimePeriod", {"FromDate": _midnight(exception.first), "ToDate": _end_of(exception.last)}))
    count = (exception.last - exception.first).days + 1
    for child, value in (("Occurrences", count), ("Name", exception.name), ("Type", 1)):
        found.append(leaf(child, value))
    found.append(leaf("DayWorking", bool(exception.spans)))
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
            times.append(element("WorkingTime", {"FromTime": _time(span.begin), "ToTime": _time(span.end)}))


def _time(minutes: int) -> str:
    """As XML Schema has times, which is not without seconds."""
    return f"{clock(minutes)}:00"


_RESOURCE_TYPES = {ResourceKind.MATERIAL: 0, ResourceKind.WORK: 1, ResourceKind.COST: 0}


def resource_element(resource: FileResource) -> etree._Element:
    """A resource with its rates and the times in which it is there."""
    material = resource.kind is ResourceKind.MATERIAL
    found = element(
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
            periods.append(element("AvailabilityPeriod", values))
    if resource.rates:
        rates = etree.SubElement(found, "Rates")
        for rate in resource.rates:
            rates.append(_rate(rate, _PER_UNIT if material else _PER_HOUR))
    return found


def _rate(rate: FileRate, unit: int) -> etree._Element:
    return element(
        "Rate",
        {
            "RatesFrom": rate.since,
            "RatesTo": rate.until,
            "RateTable": 0,
            "StandardRate": rate.standard,
            "StandardRateFormat": unit,
            "OvertimeRate": rate.overtime,
            "OvertimeRateFormat": unit,
            "CostPerUse": money(rate.per_use),
        },
    )
