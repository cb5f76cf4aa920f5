"""The days of exceptions that repeat: every third Monday, the last day of each second month, and so on."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from itertools import islice
from typing import Any, Literal

from dateutil.rrule import DAILY, FR, MO, MONTHLY, SA, SU, TH, TU, WE, WEEKLY, YEARLY, rrule

from project_svc.exchange.mspdi.values import Fields

MAX_DAYS = 20_000
"""Of one exception."""

DAILY_RULE, YEARLY_BY_DAY, YEARLY_BY_POSITION, MONTHLY_BY_DAY, MONTHLY_BY_POSITION, WEEKLY_RULE, EVERY_N_DAYS = range(
    1, 8
)
_SUNDAY_FIRST = (SU, MO, TU, WE, TH, FR, SA)
_ANY_DAY, _WORKDAY, _WEEKEND_DAY, _FIRST_NAMED_DAY = range(4)
_Frequency = Literal[0, 1, 2, 3, 4, 5, 6]
_POSITIONS = (1, 2, 3, 4, -1)


def days_of(fields: Fields, first: date, last: date) -> Iterator[tuple[date, date]]:
    """The ranges of days of an exception, in order.

    Args:
        fields: Of the `Exception` element.
        first: The day from which it holds.
        last: The day until which it does.
    """
    kind = fields.whole("Type", DAILY_RULE, 0, 9)
    every = fields.whole("Period", 1, 0, 1_000) or 1
    if kind not in _RULES or (kind == DAILY_RULE and every == 1):
        yield first, last
        return
    found = _occurrences(kind, every, fields, first, last)
    yield from ((day, day) for day in found)


def _occurrences(kind: int, every: int, fields: Fields, first: date, last: date) -> Sequence[date]:
    frequency, position = _RULES[kind]
    rule = rrule(
        frequency,
        dtstart=datetime.combine(first, time.min),
        until=datetime.combine(last, time.min),
        interval=every,
        wkst=SU,
        cache=False,
        **position(fields),
    )
    days = [moment.date() for moment in islice(rule, MAX_DAYS)]
    if fields.flag("EnteredByOccurrences"):
        days = days[: fields.whole("Occurrences", MAX_DAYS, 0, MAX_DAYS)]
    return days


def _weekly(fields: Fields) -> dict[str, Any]:
    chosen = fields.whole("DaysOfWeek", 0, 0, 127)
    days = [day for bit, day in enumerate(_SUNDAY_FIRST) if chosen & (1 << bit)]
    return {"byweekday": days} if days else {}


def _by_day(fields: Fields) -> dict[str, Any]:
    return {"bymonthday": fields.whole("MonthDay", 1, 1, 31)}


def _by_position(fields: Fields) -> dict[str, Any]:
    item = fields.whole("MonthItem", _ANY_DAY, 0, 9)
    weekdays = {_ANY_DAY: _SUNDAY_FIRST, _WORKDAY: _SUNDAY_FIRST[1:6], _WEEKEND_DAY: (SU, SA)}
    chosen = weekdays.get(item) or (_SUNDAY_FIRST[item - _FIRST_NAMED_DAY],)
    return {"byweekday": list(chosen), "bysetpos": _POSITIONS[fields.whole("MonthPosition", 0, 0, 4)]}


def _in_month(fields: Fields) -> dict[str, Any]:
    return {"bymonth": fields.whole("Month", 0, 0, 11) + 1}


_RULES: Mapping[int, tuple[_Frequency, Callable[[Fields], dict[str, Any]]]] = {
    DAILY_RULE: (DAILY, lambda _: {}),
    YEARLY_BY_DAY: (YEARLY, lambda fields: _in_month(fields) | _by_day(fields)),
    YEARLY_BY_POSITION: (YEARLY, lambda fields: _in_month(fields) | _by_position(fields)),
    MONTHLY_BY_DAY: (MONTHLY, _by_day),
    MONTHLY_BY_POSITION: (MONTHLY, _by_position),
    WEEKLY_RULE: (WEEKLY, _weekly),
    EVERY_N_DAYS: (DAILY, lambda _: {}),
}
