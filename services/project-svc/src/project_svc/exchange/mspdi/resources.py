"""Resources of a file, what they cost, and what they are assigned to."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time

from lxml import etree

from project_svc.exchange.mspdi.document import (
    FileAssignment,
    FileAvailability,
    FileRate,
    FileResource,
    Left,
    ResourceKind,
)
from project_svc.exchange.mspdi.values import MAX_NOTES, Fields, Problems
from project_svc.exchange.mspdi.xml import children, texts_of

MAX_UNITS = 10_000
ALWAYS = (datetime.combine(date(1984, 1, 1), time.min), datetime.combine(date(2049, 12, 31), time(23, 59)))
"""From the first to the last moment that Microsoft Project knew when the format was made; it writes both for ever."""
_MATERIAL = 0


def resource_of(element: etree._Element, problems: Problems, left: Counter[Left]) -> FileResource | None:
    """The resource that an element describes; None for what is none."""
    texts = texts_of(element)
    fields = Fields(f"Resource {texts.get('UID', '?')}", texts, problems)
    uid = fields.whole("UID", -1, 0, 2**31)
    if not uid or fields.flag("IsNull"):
        return None  # the row that stands for nobody
    left[Left.OTHER_RATE_TABLES] += int(any(_table(one, problems) for one in children(element, "Rates", "Rate")))
    left[Left.CUSTOM_FIELDS] += sum(1 for _ in children(element, "ExtendedAttribute"))
    calendar = fields.whole("CalendarUID", -1, -1, 2**31)
    return FileResource(
        uid=uid,
        name=fields.text("Name"),
        kind=_kind(fields),
        initials=fields.text("Initials"),
        group=fields.text("Group"),
        email=fields.text("EmailAddress"),
        max_units=fields.decimal("MaxUnits") if fields.text("MaxUnits") else FileResource(uid=0, name="").max_units,
        calendar=None if calendar < 0 else calendar,
        rates=tuple(_rates(element, fields)),
        availability=tuple(_availability(element, fields)),
        notes=fields.text("Notes", limit=MAX_NOTES),
    )


def _kind(fields: Fields) -> ResourceKind:
    kind = fields.whole("Type", 1, 0, 2)
    if kind not in {0, 1} or fields.flag("IsCostResource"):
        return ResourceKind.COST
    return ResourceKind.MATERIAL if kind == _MATERIAL else ResourceKind.WORK


def _table(element: etree._Element, problems: Problems) -> int:
    return Fields("Rate", texts_of(element), problems).whole("RateTable", 0, 0, 4)


def _rates(element: etree._Element, owner: Fields) -> Iterator[FileRate]:
    """Of table A; files before Project 2007 have no tables, only what holds now."""
    tables = list(children(element, "Rates", "Rate"))
    for one in tables:
        fields = Fields(f"{owner.place}/Rate", texts_of(one), owner.problems)
        if _table(one, owner.problems):
            continue
        yield _rate(fields, fields.moment("RatesFrom") or ALWAYS[0], fields.moment("RatesTo") or ALWAYS[1])
    if not tables:
        rate = _rate(owner, *ALWAYS)
        if rate.standard or rate.overtime or rate.per_use:
            yield rate


def _rate(fields: Fields, since: datetime, until: datetime) -> FileRate:
    return FileRate(
        since=since,
        until=until,
        standard=fields.decimal("StandardRate"),
        overtime=fields.decimal("OvertimeRate"),
        per_use=fields.amount("CostPerUse"),
    )


def _availability(element: etree._Element, owner: Fields) -> Iterator[FileAvailability]:
    for one in children(element, "AvailabilityPeriods", "AvailabilityPeriod"):
        fields = Fields(f"{owner.place}/AvailabilityPeriod", texts_of(one), owner.problems)
        yield FileAvailability(
            since=fields.moment("AvailableFrom") or ALWAYS[0],
            until=fields.moment("AvailableTo") or ALWAYS[1],
            units=fields.decimal("AvailableUnits"),
        )


def assignment_of(element: etree._Element, fields: Fields, left: Counter[Left]) -> FileAssignment:
    """The assignment that an element describes."""
    left[Left.TIMEPHASED] += has_timephased(element)
    left[Left.CONTOURS] += int(fields.whole("WorkContour", 0, 0, 8) != 0)
    return FileAssignment(
        task=fields.whole("TaskUID", -1, 0, 2**31),
        resource=fields.whole("ResourceUID", -1, -(2**31), 2**31),
        units=fields.decimal("Units") if fields.text("Units") else FileAssignment(task=0, resource=0).units,
        work=fields.minutes("Work") or 0,
        actual_work=fields.minutes("ActualWork") or 0,
        remaining_work=fields.minutes("RemainingWork"),
        cost=fields.amount("Cost"),
    )


def has_timephased(element: etree._Element) -> bool:
    """Whether an element says how its work or cost lies in time, beyond evenly and in one piece."""
    return next(children(element, "TimephasedData"), None) is not None
