"""Work spreads over days without losing a minute."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from project_svc.scheduling.calendars.public import Region
from project_svc.scheduling.calendars.rules import AROUND_THE_CLOCK, Rules, Span
from project_svc.scheduling.calendars.worktime import WorkTime
from project_svc.scheduling.calendars.zones import moment_of
from project_svc.standings.domain import Demand, assigned_minutes, spread

SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE = WorkTime(Rules(zone="Asia/Shanghai", region=Region("CN", None)), date(2025, 9, 1))


def at(day: int, hour: int, month: int = 9) -> int:
    return moment_of(datetime(2025, month, day, hour, tzinfo=SHANGHAI))


def test_make_up_days_are_worked_and_holidays_are_not() -> None:
    # 28 September 2025 is a Sunday that was worked for the National Day holiday of 1 to 8 October.
    found = spread(OFFICE, SHANGHAI, (at(26, 8), at(9, 17, 10)), 2400)

    assert found == (date(2025, 9, 26), (480, 0, 480, 480, 480, 0, 0, 0, 0, 0, 0, 0, 0, 480))


def test_a_part_of_the_time_is_a_part_of_each_day() -> None:
    assert spread(OFFICE, SHANGHAI, (at(22, 13), at(23, 17)), 360) == (date(2025, 9, 22), (120, 240))


def test_days_are_those_of_the_zone() -> None:
    night = WorkTime(Rules(zone="Asia/Shanghai", week=((Span(22 * 60, 30 * 60),),) * 7), date(2025, 9, 1))

    assert spread(night, SHANGHAI, (at(22, 22), at(23, 6)), 480) == (date(2025, 9, 22), (120, 360))


def test_without_working_time_or_work_there_is_nothing_to_spread() -> None:
    assert spread(OFFICE, SHANGHAI, (at(20, 0), at(21, 12)), 100) is None
    assert spread(OFFICE, SHANGHAI, (at(22, 8), at(22, 17)), 0) is None


def test_an_assignment_is_its_effort_or_its_part_of_the_duration() -> None:
    assert [assigned_minutes(480, 50, None), assigned_minutes(480, 50, 100), assigned_minutes(480, 50, 0)] == [
        240,
        100,
        0,
    ]


def test_the_last_day_is_as_many_days_after_the_first() -> None:
    assert Demand(UUID(int=1), UUID(int=2), date(2025, 12, 31), (480, 480)).last_on == date(2026, 1, 1)


@given(
    begin=st.integers(0, 60 * 24 * 30),
    length=st.integers(1, 60 * 24 * 60),
    total=st.integers(1, 100_000),
    zone=st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York"]),
    week=st.sampled_from([((Span(480, 1020),),) * 5 + ((),) * 2, (AROUND_THE_CLOCK,) * 7]),
)
def test_no_minute_is_lost(begin: int, length: int, total: int, zone: str, week: tuple[tuple[Span, ...], ...]) -> None:
    clock = WorkTime(Rules(zone=zone, week=week), date(2025, 3, 1))
    first = moment_of(datetime(2025, 3, 1, tzinfo=UTC)) + begin

    found = spread(clock, ZoneInfo(zone), (first, first + length), total)

    if clock.between(first, first + length) == 0:
        assert found is None
        return
    assert found is not None
    day, minutes = found
    assert (sum(minutes), min(minutes) >= 0) == (total, True)
    assert day + timedelta(len(minutes)) >= (datetime(2025, 3, 1, tzinfo=UTC) + timedelta(minutes=begin)).date()
