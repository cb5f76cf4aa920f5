import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_platform.words import Words
from project_svc.scheduling.calendars.public import Region, UnknownRegionError, public_days
from project_svc.scheduling.calendars.rules import (
    AROUND_THE_CLOCK,
    OFFICE,
    CalendarError,
    DayException,
    Rules,
    Shared,
    Span,
)
from project_svc.scheduling.calendars.worktime import OutOfCalendarError, WorkTime
from project_svc.scheduling.calendars.zones import datetime_of, moment_of
from project_svc_tests.scheduling.naive import working_minutes

NOTICES = Path(__file__).parents[6] / "shared" / "data" / "cn_holidays"
CHINA = Rules(zone="Asia/Shanghai", region=Region("CN"))
SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str, zone: str = "UTC") -> int:
    return moment_of(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)))


def test_working_time_skips_nights_lunch_and_weekends() -> None:
    clock = WorkTime(Rules(), date(2026, 1, 1))
    assert clock.add(at("2026-01-09T16:00"), 60) == at("2026-01-09T17:00")
    assert clock.add(at("2026-01-09T16:00"), 61) == at("2026-01-12T08:01")
    assert clock.add(at("2026-01-12T08:30"), -60) == at("2026-01-09T16:30")
    assert clock.between(at("2026-01-09T11:00"), at("2026-01-12T14:00")) == 60 + 240 + 300
    assert clock.between(at("2026-01-12T14:00"), at("2026-01-09T11:00")) == -600
    friday_evening = clock.work(at("2026-01-09T17:00"))
    assert clock.finish(friday_evening) == at("2026-01-09T17:00")
    assert clock.start(friday_evening) == at("2026-01-12T08:00")
    assert clock.last_start(at("2026-01-10T12:00")) == friday_evening - 1


def test_make_up_days_are_worked_and_holidays_are_not() -> None:
    clock = WorkTime(CHINA, date(2026, 2, 1))
    # State Council notice for 2026: free from 15 to 23 February, worked on Saturday the 14th and Saturday the 28th.
    assert CHINA.spans(date(2026, 2, 14)) == OFFICE
    assert CHINA.spans(date(2026, 2, 16)) == ()
    assert CHINA.spans(date(2026, 2, 28)) == OFFICE
    finish = clock.add(at("2026-02-13T08:00", "Asia/Shanghai"), 3 * 480)
    assert datetime_of(finish, SHANGHAI).isoformat() == "2026-02-24T17:00:00+08:00"
    assert public_days(Region("CN"), 2026).off[date(2026, 2, 17)] == Words("Spring Festival", "春节")


def test_years_without_a_notice_are_provisional() -> None:
    assert CHINA.announced_until is not None
    year = CHINA.announced_until.year + 1
    assert CHINA.announced_until == date(year - 1, 12, 31)
    beyond = public_days(Region("CN"), year)
    assert date(year, 10, 1) in beyond.off
    assert beyond.make_up == {}
    assert Rules(region=Region("DE", "BY")).announced_until is None
    assert Rules().announced_until is None


@pytest.mark.skipif(not NOTICES.is_dir(), reason=f"the data set {NOTICES.name} is not here")
def test_days_are_those_of_the_notices() -> None:
    notices = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(NOTICES.glob("20*.json"))]
    free = {date.fromisoformat(day["date"]): day["isOffDay"] for notice in notices for day in notice["days"]}
    days = [date(2007, 1, 1) + timedelta(number) for number in range(20 * 365 + 5)]
    assert days[-1] == date(2026, 12, 31)
    assert [day for day in days if bool(CHINA.spans(day)) == free.get(day, day.weekday() >= 5)] == []


def test_holidays_of_other_countries_and_their_parts() -> None:
    bavaria, berlin = Rules(region=Region("DE", "BY")), Rules(region=Region("DE", "BE"))
    assert bavaria.spans(date(2026, 1, 6)) == ()
    assert berlin.spans(date(2026, 1, 6)) == OFFICE
    with pytest.raises(UnknownRegionError, match="XX"):
        Region("XX")
    with pytest.raises(UnknownRegionError, match="DE QQ"):
        Region("DE", "QQ")


def test_exceptions_come_before_holidays_and_ones_own_before_those_inherited() -> None:
    rush = DayException(first=date(2026, 10, 1), last=date(2026, 10, 2), spans=(Span(600, 660),), name="上线值守")
    project = CHINA.derived(rush)
    person = project.derived(DayException(first=date(2026, 10, 2), last=date(2026, 10, 9)))
    days = [date(2026, 10, day) for day in (1, 2, 9, 10)]
    assert [project.spans(day) for day in days] == [(Span(600, 660),), (Span(600, 660),), OFFICE, OFFICE]
    assert [person.spans(day) for day in days] == [(Span(600, 660),), (), (), OFFICE]


def test_what_calendars_share() -> None:
    morning = Rules(week=((Span(480, 720),),) * 7)
    east = Rules(zone="Asia/Shanghai", week=((Span(17 * 60, 20 * 60),),) * 7)  # 09:00 to 12:00 UTC
    both = WorkTime(Shared(calendars=(morning, east, Rules())), date(2026, 1, 1))
    intervals = both.intervals(at("2026-01-09T00:00"), at("2026-01-13T00:00"))
    assert [datetime_of(int(one)).isoformat() for one in intervals.begins] == [
        "2026-01-09T09:00:00+00:00",
        "2026-01-12T09:00:00+00:00",
    ]
    assert (intervals.ends - intervals.begins).tolist() == [180, 180]


def test_days_on_which_the_clocks_change() -> None:
    day_and_night = WorkTime(Rules(zone="Europe/Berlin", week=(AROUND_THE_CLOCK,) * 7), date(2026, 1, 1))
    for day, hours in (("2026-03-29", 23), ("2026-03-30", 24), ("2026-10-25", 25)):
        begin = at(f"{day}T00:00", "Europe/Berlin")
        end = at(f"{date.fromisoformat(day) + timedelta(1)}T00:00", "Europe/Berlin")
        assert day_and_night.between(begin, end) == hours * 60
    shift = WorkTime(Rules(zone="Europe/Berlin", week=((Span(22 * 60, 30 * 60),),) * 7), date(2026, 1, 1))
    assert shift.between(at("2026-03-28T12:00"), at("2026-03-29T12:00")) == 7 * 60
    assert shift.between(at("2026-10-24T12:00"), at("2026-10-25T12:00")) == 9 * 60


@st.composite
def rules(draw: st.DrawFn) -> Rules:
    edges = st.lists(st.integers(0, 1439), min_size=2, max_size=6, unique=True).map(sorted)
    spans = edges.map(lambda some: tuple(Span(a, b) for a, b in zip(some[::2], some[1::2], strict=False)))
    night = st.builds(lambda begin, length: (Span(begin, begin + length),), st.integers(0, 1439), st.integers(1, 1440))
    day = st.one_of(spans, night, st.just(()))
    week = draw(st.tuples(*[day] * 7).filter(any))
    first = draw(st.dates(date(2026, 3, 20), date(2026, 4, 5)))
    special = DayException(first=first, last=first + timedelta(draw(st.integers(0, 3))), spans=draw(day))
    return Rules(
        zone=draw(st.sampled_from(["UTC", "Asia/Shanghai", "Europe/Berlin"])), week=week, exceptions=(special,)
    )


@settings(max_examples=25, deadline=None)
@given(rules=rules(), data=st.data())
def test_arithmetic_agrees_with_counting_minutes(rules: Rules, data: st.DataObject) -> None:
    worked = working_minutes(rules, date(2026, 3, 10), date(2026, 4, 20))
    clock = WorkTime(rules, date(2026, 3, 25))
    inside = st.integers(at("2026-03-13T00:00"), at("2026-04-10T00:00"))
    first, other = data.draw(inside), data.draw(inside)
    count = sum(1 for minute in worked if min(first, other) <= minute < max(first, other))
    assert clock.between(first, other) == (count if first <= other else -count)
    amount = data.draw(st.integers(1, 2000))
    ahead = [minute for minute in worked if minute >= first]
    if len(ahead) > amount:
        assert clock.add(first, amount) == ahead[amount - 1] + 1
        assert clock.start(clock.work(first) + amount) == ahead[amount]
    behind = [minute for minute in worked if minute < first]
    if len(behind) >= amount:
        assert clock.add(first, -amount) == behind[-amount]
    nearest = [minute for minute in worked if minute <= first]
    assert not nearest or clock.start(clock.last_start(first)) == nearest[-1]


@settings(max_examples=10, deadline=None)
@given(rules=rules(), moments=st.lists(st.integers(at("2024-01-01T00:00"), at("2028-01-01T00:00")), max_size=20))
def test_arrays_say_the_same_as_one_at_a_time(rules: Rules, moments: list[int]) -> None:
    many, one = WorkTime(rules, date(2026, 3, 25)), WorkTime(rules, date(2026, 3, 25))
    work = many.work_many(np.array(moments, dtype=np.int64))
    assert work.tolist() == [one.work(moment) for moment in moments]
    assert many.start_many(work).tolist() == [one.start(amount) for amount in work.tolist()]
    assert many.finish_many(work).tolist() == [one.finish(amount) for amount in work.tolist()]


def test_times_that_no_calendar_reaches() -> None:
    never = WorkTime(Rules(week=((),) * 7), date(2026, 1, 1))
    assert never.between(at("2026-01-01T00:00"), at("2027-01-01T00:00")) == 0
    with pytest.raises(OutOfCalendarError):
        never.add(at("2026-01-01T00:00"), 1)
    with pytest.raises(OutOfCalendarError):
        WorkTime(Rules(), date(2026, 1, 1)).add(at("2026-01-01T00:00"), 10**12)
    with pytest.raises(OutOfCalendarError):
        WorkTime(Rules(), date(9999, 1, 1))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: Rules(zone="Mars/Olympus"), "Mars/Olympus"),
        (lambda: Rules(zone="../etc/passwd"), "time zone"),
        (lambda: Rules(week=(OFFICE,) * 6), "seven days"),
        (lambda: Rules(week=((Span(600, 600),),) * 7), "impossible"),
        (lambda: Rules(make_up=(Span(600, 3000),)), "impossible"),
        (lambda: DayException(first=date(2026, 1, 2), last=date(2026, 1, 1)), "ends before"),
    ],
)
def test_rules_that_say_nothing_sensible(wrong: object, said: str) -> None:
    assert callable(wrong)
    with pytest.raises(CalendarError, match=said):
        wrong()


def test_moments_need_a_time_zone() -> None:
    assert moment_of(datetime(1970, 1, 1, 0, 1, 59, tzinfo=UTC)) == 1
    with pytest.raises(ValueError, match="time zone"):
        moment_of(datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point
