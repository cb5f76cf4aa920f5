"""Days of a time zone: which one a moment falls on, and when one begins."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

DEFAULT_ZONE: Final = "UTC"
"""Where the days of a company begin and end that has not said where."""


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """The day of ``zone`` on which an aware moment falls."""
    return moment.astimezone(zone).date()


def begin_of(day: date, zone: ZoneInfo) -> datetime:
    """The moment in UTC at which a day begins in ``zone``.

    Where clocks skip midnight, or a whole day, it is the moment at which they do (PEP 495: a time that does not exist
    is read with the offset from before). Where they strike midnight twice, it is the first time.
    """
    return datetime.combine(day, time(), zone).astimezone(UTC)


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The moment in UTC at which a day is over in ``zone``: that at which the next one begins."""
    return begin_of(day + timedelta(days=1), zone)
