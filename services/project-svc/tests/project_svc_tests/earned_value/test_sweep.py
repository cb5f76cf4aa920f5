"""A curve says at each of its points what the packages say there one by one."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from project_svc.earned_value.package import Accrual, Method, Milestone, Package, Report, Spent
from project_svc.earned_value.project import ProjectValue
from project_svc.earned_value.values import ONE, ZERO
from project_svc.monitoring.showing.figures import cents, hours
from project_svc.scheduling.calendars.rules import Rules
from project_svc.scheduling.calendars.worktime import WorkTime
from project_svc.scheduling.calendars.zones import moment_of
from project_svc_tests.earned_value.building import CLOCK

BEGIN = moment_of(datetime(2026, 3, 2, tzinfo=UTC))
OFFICE = WorkTime(Rules(), datetime(2026, 3, 2, tzinfo=UTC).date())
MOMENTS = st.one_of(st.integers(0, 40), st.integers(0, 30_000)).map(lambda minutes: BEGIN + minutes)
AMOUNTS = st.integers(-10_000, 10**9).map(lambda amount: Decimal(amount) / 100)
SPENT = st.lists(st.builds(Spent, MOMENTS, AMOUNTS), max_size=3)
REPORTS = st.lists(
    st.builds(
        Report,
        MOMENTS,
        st.integers(0, 100).map(Decimal),
        st.one_of(st.none(), MOMENTS),
        st.one_of(st.none(), MOMENTS),
        st.one_of(st.none(), st.integers(0, 5_000)),
    ),
    max_size=4,
).map(lambda reports: sorted(reports, key=lambda one: one.at))
PACKAGES = st.builds(
    Package,
    id=st.uuids().map(str),
    start=MOMENTS,
    finish=MOMENTS,
    clock=st.sampled_from([CLOCK, OFFICE]),
    variable=AMOUNTS,
    fixed=AMOUNTS,
    accrual=st.sampled_from(Accrual),
    work=st.integers(0, 5_000),
    method=st.sampled_from(sorted(set(Method) - {Method.APPORTIONED_EFFORT})),
    milestones=st.lists(st.builds(Milestone, AMOUNTS.map(abs), st.one_of(st.none(), MOMENTS)), max_size=3),
    reports=REPORTS,
    costs=SPENT,
)


APPORTIONED = st.builds(
    lambda one, base: replace(one, method=Method.APPORTIONED_EFFORT, base=base),
    PACKAGES,
    st.none() | PACKAGES.filter(lambda one: one.method is not Method.LEVEL_OF_EFFORT),
)


def test_amounts_are_shown_as_they_are_paid() -> None:
    shown = {code: str(cents(Decimal("1234.5675"), code)) for code in ("CNY", "JPY", "KWD", "XYZ")}

    assert shown == {"CNY": "1234.57", "JPY": "1235", "KWD": "1234.568", "XYZ": "1234.57"}


@settings(max_examples=60)
@given(st.lists(PACKAGES | APPORTIONED, max_size=6), SPENT, st.lists(MOMENTS, min_size=1, max_size=12), MOMENTS)
def test_a_curve_is_what_its_packages_say_at_each_point(
    packages: list[Package], overhead: list[Spent], moments: list[int], now: int
) -> None:
    value = ProjectValue(packages=packages, clock=CLOCK, parents={}, overhead=overhead)
    asked = sorted(moments) + [edge for one in packages for edge in (one.start, one.start + 1, one.finish)]
    for point, left in zip(value.curve(asked, now), value.burn_down(asked, now), strict=True):
        at = point.at
        amounts = value.amounts(at)
        assert cents(point.pv, "CNY") == cents(amounts.pv, "CNY")
        assert hours(left.planned) == hours(sum((one.work * (ONE - one.planned_share(at)) for one in packages), ZERO))
        if at > now:
            assert (point.ev, point.ac, left.remaining) == (None, None, None)
            continue
        assert point.ev is not None
        assert point.ac is not None
        assert left.remaining is not None
        assert (cents(point.ev, "CNY"), cents(point.ac, "CNY")) == (cents(amounts.ev, "CNY"), cents(amounts.ac, "CNY"))
        assert hours(left.remaining) == hours(sum((one.remaining(at) for one in packages), ZERO))
