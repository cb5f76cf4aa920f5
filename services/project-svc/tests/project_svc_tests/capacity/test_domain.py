"""Periods, and how much of a resource there is in them."""

from datetime import date
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from crm_contracts.plan.v1 import ResourceCapacity, ResourceKind
from project_svc.capacity.domain import Clocks, Load, Periods, Unit, together
from project_svc.resources.domain import Resource
from project_svc.scheduling.calendars.public import Region
from project_svc.scheduling.calendars.rules import Rules

CHINA = Rules(zone="Asia/Shanghai", region=Region("CN", None))


def person(*steps: tuple[date, int]) -> Resource:
    capacity = tuple(ResourceCapacity(since=since, units=units) for since, units in steps)
    return Resource(id=UUID(int=1), name="王芳", kind=ResourceKind.PERSON, capacity=capacity)


def test_a_range_has_whole_weeks_and_months() -> None:
    weeks = Periods.touching(date(2026, 2, 26), date(2026, 3, 9), Unit.WEEK)
    months = Periods.touching(date(2025, 12, 31), date(2026, 1, 1), Unit.MONTH)

    assert weeks.starts == (date(2026, 2, 23), date(2026, 3, 2), date(2026, 3, 9))
    assert (weeks.last_on, next(weeks.ends())) == (date(2026, 3, 15), date(2026, 3, 1))
    assert (months.starts, months.last_on) == ((date(2025, 12, 1), date(2026, 1, 1)), date(2026, 1, 31))


def test_holidays_and_make_up_days_count() -> None:
    # 2025: Sunday, 28 September is worked, 1 to 8 October are not, Saturday, 11 October is worked.
    periods = Periods.touching(date(2025, 9, 22), date(2025, 10, 12), Unit.WEEK)

    found = Clocks(periods).capacity(person((date(1970, 1, 1), 100)), CHINA)

    assert [minutes / 480 for minutes in found] == [6, 2, 3]


def test_capacity_changes_within_a_week_and_begins_at_some_day() -> None:
    periods = Periods.touching(date(2026, 3, 2), date(2026, 3, 15), Unit.WEEK)
    steps = (date(2026, 3, 3), 100), (date(2026, 3, 5), 50), (date(2026, 3, 11), 0)

    assert Clocks(periods).capacity(person(*steps), Rules()) == [2 * 480 + 2 * 240, 2 * 240]


def test_what_one_has_too_much_another_may_have_too_little_of() -> None:
    both = together([Load(480, 600, 60), Load(480, 0)])

    assert (both.capacity, both.demand, both.booked, both.over) == (960, 600, 60, 0)
    assert (Load(480, 600).over, together([Load()]).booked) == (120, None)


@given(first=st.dates(date(2020, 1, 1), date(2030, 1, 1)), days=st.integers(0, 400), unit=st.sampled_from(Unit))
def test_periods_cover_a_range_without_gaps(first: date, days: int, unit: Unit) -> None:
    last = date.fromordinal(first.toordinal() + days)
    periods = Periods.touching(first, last, unit)
    ends = list(periods.ends())

    assert periods.starts[0] <= first <= ends[0]
    assert periods.starts[-1] <= last <= ends[-1] == periods.last_on
    assert [one.toordinal() + 1 for one in ends[:-1]] == [one.toordinal() for one in periods.starts[1:]]
    assert [periods.start_of(one) for one in ends] == list(periods.starts)
