"""From clock time to moments, many at once, also where the clocks change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from project_svc.scheduling.calendars.intervals import Minutes

_DAY = 24 * 60
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CLOCK = EPOCH.replace(tzinfo=None)


def moments(clock: Minutes, zone: ZoneInfo) -> Minutes:
    """The moments at which a clock in ``zone`` shows the given minutes since its 1970-01-01 00:00.

    A time that the clock shows twice is the first of both; one that it skips is as if it had not yet been changed.
    """
    if not len(clock) or zone.key == "UTC":
        return clock
    days = clock // _DAY
    first = int(days.min())
    midnights = range(first, int(days.max()) + 2)
    offsets = np.array([_offset(day * _DAY, zone) for day in midnights], dtype=np.int64)
    found: Minutes = clock - offsets[days - first]
    for changed in np.flatnonzero(offsets[days - first] != offsets[days - first + 1]):
        found[changed] = clock[changed] - _offset(int(clock[changed]), zone)
    return found


def moment_of(when: datetime) -> int:
    """The minute in which ``when`` lies.

    Raises:
        ValueError: It has no time zone, so that it means no moment.
    """
    if when.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return (when - EPOCH) // timedelta(minutes=1)


def datetime_of(moment: int, zone: ZoneInfo | None = None) -> datetime:
    """The date and time of a moment, in UTC or in ``zone``."""
    when = EPOCH + timedelta(minutes=moment)
    return when.astimezone(zone) if zone else when


def _offset(clock: int, zone: ZoneInfo) -> int:
    offset = (_CLOCK + timedelta(minutes=clock)).replace(tzinfo=zone).utcoffset()
    return (offset or timedelta()) // timedelta(minutes=1)
