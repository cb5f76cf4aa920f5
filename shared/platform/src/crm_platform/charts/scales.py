"""From values to pixels, and the values at which an axis has ticks."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

_DAY = 86_400.0
_NICE = ((1.5, 1.0), (3.0, 2.0), (7.0, 5.0))
_STEPS_OF_DAYS = (1, 2, 7, 14)
_STEPS_OF_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600)


class Tick(NamedTuple):
    """A value with the text that stands at it."""

    value: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """A range of values.

    Attributes:
        low: The value at its beginning.
        high: The value at its end; greater.
        ticks: Where it has a mark.
        label: What it counts, with the unit.
    """

    low: float
    high: float
    ticks: Sequence[Tick]
    label: str = ""

    def at(self, value: float, begin: float, end: float) -> float:
        """Where a value lies between the pixels ``begin`` and ``end``, which stand for low and high."""
        return begin + (value - self.low) / (self.high - self.low) * (end - begin)


def number_axis(
    low: float, high: float, label: str = "", *, count: int = 5, shown: Callable[[float], str] | None = None
) -> Axis:
    """An axis of numbers that begins and ends at a tick.

    Steps are 1, 2 or 5 times a power of ten (Heckbert, *Nice numbers for graph labels*, Graphics Gems, 1990).
    """
    low, high = (low, high) if high > low else (low, low + 1)
    step = _nice((high - low) / count)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    values = [number * step for number in range(first, last + 1)]
    write = shown or _number
    return Axis(low=values[0], high=values[-1], ticks=[Tick(one, write(one)) for one in values], label=label)


def date_axis(first: datetime, last: datetime, label: str = "", *, count: int = 8) -> Axis:
    """An axis of time, in seconds since 1970; its ticks are days, Mondays, or first days of months, in UTC."""
    low, high = first.timestamp(), last.timestamp()
    high = high if high > low else low + _DAY
    days = _days(first.date(), datetime.fromtimestamp(high, UTC).date(), (high - low) / _DAY / count)
    ticks = [Tick(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp(), day.isoformat()) for day in days]
    return Axis(low=low, high=high, ticks=[one for one in ticks if low <= one.value <= high], label=label)


def _nice(step: float) -> float:
    power = 10.0 ** math.floor(math.log10(step))
    return power * next((nice for limit, nice in _NICE if step / power < limit), 10.0)


def _number(value: float) -> str:
    return f"{round(value, 9):,.10g}" if abs(value) < 1e12 else f"{value:.3g}"  # noqa: PLR2004 - wider than an axis


def _days(first: date, last: date, step: float) -> Sequence[date]:
    """Days between two others, about ``step`` days apart."""
    of_days = next((days for days in _STEPS_OF_DAYS if days >= step), None)
    if of_days is not None:
        begin = first - timedelta(first.weekday()) if of_days % 7 == 0 else first
        return [begin + timedelta(number) for number in range(0, (last - begin).days + 1, of_days)]
    of_months = next((months for months in _STEPS_OF_MONTHS if months * 30.4 >= step), _STEPS_OF_MONTHS[-1])
    begin_month, end_month = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    months = range(begin_month - begin_month % of_months, end_month + 1, of_months)
    return [date(month // 12, month % 12 + 1, 1) for month in months]
