"""Days of time zones, at their edges."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_platform.days import begin_of, day_of, end_of
from crm_platform.http.time_zones import known_zones

MOMENTS = st.integers(631152000, 2145830400).map(lambda second: datetime.fromtimestamp(second, UTC))
"""From 1990 to 2037."""
ZONES = st.sampled_from(sorted(known_zones())).map(ZoneInfo)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        ("UTC", "2026-03-31T23:59:59.999999", "2026-03-31"),
        ("Asia/Shanghai", "2026-03-31T15:59:59.999999", "2026-03-31"),
        ("Asia/Shanghai", "2026-03-31T16:00:00", "2026-04-01"),
        ("America/New_York", "2026-03-08T04:59:59.999999", "2026-03-07"),  # winter: UTC-5
        ("America/New_York", "2026-03-09T03:59:59.999999", "2026-03-08"),  # summer since 02:00: UTC-4
        ("America/New_York", "2026-03-09T04:00:00", "2026-03-09"),
    ],
)
def test_a_moment_falls_on_a_day_of_the_zone(zone: str, moment: str, day: str) -> None:
    assert day_of(utc(moment), ZoneInfo(zone)) == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("zone", "day", "begin", "hours"),
    [
        ("UTC", "2026-04-01", "2026-04-01T00:00:00", 24),
        ("Asia/Shanghai", "2026-04-01", "2026-03-31T16:00:00", 24),
        ("America/New_York", "2026-03-08", "2026-03-08T05:00:00", 23),
        ("America/New_York", "2026-11-01", "2026-11-01T04:00:00", 25),
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00", 23),  # clocks went from midnight to one
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00", 0),  # Samoa went over the date line, and had no such day
    ],
)
def test_a_day_begins_and_ends_with_the_clocks_of_the_zone(zone: str, day: str, begin: str, hours: int) -> None:
    known, that = ZoneInfo(zone), date.fromisoformat(day)

    assert begin_of(that, known) == utc(begin)
    assert end_of(that, known) - begin_of(that, known) == timedelta(hours=hours)


@given(zone=ZONES, moment=MOMENTS)
def test_each_moment_lies_in_its_day(zone: ZoneInfo, moment: datetime) -> None:
    day = day_of(moment, zone)

    assert begin_of(day, zone) <= moment < end_of(day, zone)
