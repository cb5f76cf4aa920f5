"""How the budget of a package is spread over time, and how its value is earned."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from project_svc.earned_value.indicators import Amounts, Forecast
from project_svc.earned_value.package import Accrual, Method, Milestone, Package, Report, Spent
from project_svc.earned_value.planned import PlannedCurve
from project_svc.earned_value.simple import Simple
from project_svc.earned_value.values import Reason, number
from project_svc.scheduling.calendars.rules import Rules
from project_svc.scheduling.calendars.worktime import WorkTime
from project_svc.scheduling.calendars.zones import moment_of
from project_svc_tests.earned_value.building import CLOCK, PERIOD, package, project, these

D = Decimal
OFFICE = WorkTime(Rules(), datetime(2026, 3, 2, tzinfo=UTC).date())


def at(day: int, hour: int = 0, minute: int = 0) -> int:
    """A moment of March 2026, of which the 2nd is a Monday."""
    return moment_of(datetime(2026, 3, day, hour, minute, tzinfo=UTC))


def test_work_is_spread_over_working_time_alone() -> None:
    week = Package(id="a", start=at(2, 8), finish=at(6, 17), clock=OFFICE, variable=D(4000))

    shown = {moment: week.planned(moment) for moment in (at(1), at(2, 8), at(2, 10), at(2, 12, 30), at(2, 17))}
    assert list(shown.values()) == [0, 0, 200, 400, 800]
    assert [week.planned(moment) for moment in (at(3, 3), at(5, 17), at(6, 16), at(6, 17), at(20))] == [
        *(800, 3200, 3900, 4000, 4000),
    ]


@pytest.mark.parametrize(
    ("accrual", "planned"),
    [
        (Accrual.START, [0, 90, 90, 90]),
        (Accrual.PRORATED, [0, 30, 60, 90]),
        (Accrual.END, [0, 0, 0, 90]),
    ],
)
def test_fixed_costs_are_spent_at_the_start_evenly_or_at_the_end(accrual: Accrual, planned: list[int]) -> None:
    one = package(finish=300, fixed=D(90), accrual=accrual)

    assert [one.planned(moment) for moment in (0, 100, 200, 300)] == planned


@pytest.mark.parametrize("accrual", Accrual)
def test_a_milestone_is_planned_whole_at_its_moment(accrual: Accrual) -> None:
    one = package(start=100, finish=100, fixed=D(5), variable=D(2), accrual=accrual)

    assert [one.planned(moment) for moment in (99, 100, 101)] == [0, 7, 7]


HALF_DONE = Report(50, D(60), started=10)
DONE = Report(150, D(100), started=10, finished=140)


@pytest.mark.parametrize(
    ("method", "earned"),
    [
        (Method.PERCENT_COMPLETE, [0, 0, 120, 120, 200]),
        (Method.ZERO_HUNDRED, [0, 0, 0, 0, 200]),
        (Method.FIFTY_FIFTY, [0, 0, 100, 100, 200]),
        (Method.LEVEL_OF_EFFORT, [0, 20, 100, 200, 200]),
    ],
)
def test_value_is_earned_by_the_method_of_the_package(method: Method, earned: list[int]) -> None:
    one = package(finish=100, variable=D(200), method=method, reports=[HALF_DONE, DONE])

    assert [one.earned(moment) for moment in (0, 10, 50, 149, 150)] == earned


def test_milestones_earn_their_weight_when_they_are_reached() -> None:
    steps = [Milestone(D(1), reached=10), Milestone(D(3), reached=20), Milestone(D(4))]
    one = package(variable=D(80), method=Method.WEIGHTED_MILESTONES, milestones=steps)

    assert [one.earned(moment) for moment in (9, 10, 20, 999)] == [0, 10, 40, 40]
    assert package(variable=D(80), method=Method.WEIGHTED_MILESTONES).earned(9) == 0


def test_apportioned_effort_earns_in_proportion_to_its_base() -> None:
    steps = [Milestone(D(1), reached=10), Milestone(D(3), reached=20)]
    base = package(variable=D(80), method=Method.WEIGHTED_MILESTONES, milestones=steps)
    one = package(variable=D(20), method=Method.APPORTIONED_EFFORT, base=base, reports=[DONE])

    assert [one.earned(moment) for moment in (9, 10, 20)] == [0, 5, 20]
    assert package(variable=D(20), method=Method.APPORTIONED_EFFORT, reports=[DONE]).earned(999) == 0


def test_a_later_report_does_not_change_what_was_known_before() -> None:
    one = package(variable=D(100), work=600, reports=[Report(10, D(20)), Report(30, D(15), remaining=555)])

    assert [these(one.earned(at), one.remaining(at)) for at in (9, 10, 29, 30)] == [
        (0, 600),
        (20, 480),
        (20, 480),
        (15, 555),
    ]


def test_costs_count_from_their_moment_on_whatever_their_order() -> None:
    one = package(costs=[Spent(20, D("5.5")), Spent(10, D(3)), Spent(30, D(-2))])

    assert [one.actual(at) for at in (9, 10, 20, 30)] == [0, 3, D("8.5"), D("6.5")]


def test_time_without_plan_counts_for_nobody() -> None:
    """Between two packages nothing is planned: who has done the first is on time all that time."""
    done = [Report(100, D(100), started=0, finished=100)]
    both = project(package("a", 0, 100, variable=D(10), reports=done), package("b", 500, 600, variable=D(10)))

    found = [both.timing(moment) for moment in (100, 300, 500, 550)]
    assert [these(one.es, one.at) for one in found if one] == [(100, 100), (300, 300), (500, 500), (500, 550)]


def test_time_stops_when_everything_is_done() -> None:
    early = project(package(variable=D(10), reports=[Report(80, D(100), started=0, finished=80)], finish=100))
    late = project(package(variable=D(10), reports=[Report(150, D(100), started=0, finished=150)], finish=100))

    for one, at_, spi in ((early, 80, D("1.25")), (late, 150, D(2) / 3)):
        time = one.timing(9_000)
        assert time is not None
        assert these(time.at, time.es, time.spi) == (at_, 100, spi)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 500), st.integers(0, 300), st.integers(0, 1000), st.integers(0, 50), st.sampled_from(Accrual)
        ),
        min_size=1,
        max_size=6,
    ),
    st.integers(-50, 900),
)
@example([(0, 0, 0, 1, Accrual.START), (0, 54, 0, 1, Accrual.PRORATED), (0, 65, 0, 2, Accrual.PRORATED)], 20)
def test_the_plan_never_falls_and_is_read_back_to_the_minute(
    rows: list[tuple[int, int, int, int, Accrual]], moment: int
) -> None:
    packages = [
        package(str(index), start, start + length, variable=D(variable), fixed=D(fixed), accrual=accrual)
        for index, (start, length, variable, fixed, accrual) in enumerate(rows)
    ]
    curve = PlannedCurve(packages)
    values = [curve.at(one) for one in range(curve.start - 1, curve.finish + 2)]

    assert values == sorted(values)
    assert these(values[-1], values[0]) == (curve.budget, 0)
    planned = curve.at(moment)
    reached = curve.when(planned, near=moment)
    assert curve.at(reached) == planned or reached == curve.start
    if curve.start <= moment <= curve.finish:
        assert reached == moment or (planned == 0 and curve.at(curve.start) > 0)


def reason(value: object) -> object:
    return value if isinstance(value, Reason) else None


def test_what_cannot_be_divided_says_why() -> None:
    nothing = Amounts()
    begun = Amounts(bac=D(100), pv=D(10), ac=D(5))
    free = Amounts(bac=D(100), pv=D(10), ev=D(5))
    spent = Amounts(bac=D(100), pv=D(90), ev=D(80), ac=D(100))
    done = Amounts(bac=D(100), pv=D(100), ev=D(100), ac=D(100))

    assert [reason(one) for one in (nothing.spi, nothing.cpi, nothing.percent_complete, nothing.tcpi_bac)] == [
        *(Reason.NOTHING_PLANNED, Reason.NO_ACTUAL_COST, Reason.NO_BUDGET, Reason.NO_BUDGET),
    ]
    assert [reason(begun.eac(one)) for one in Forecast] == [Reason.NOTHING_EARNED, None, Reason.NOTHING_EARNED]
    assert [reason(free.eac(one)) for one in Forecast] == [Reason.NO_ACTUAL_COST, None, Reason.NO_ACTUAL_COST]
    assert [reason(begun.vac()), reason(begun.etc()), reason(begun.tcpi_eac)] == [Reason.NOTHING_EARNED] * 3
    assert (reason(spent.tcpi_bac), reason(done.tcpi_bac)) == (Reason.BUDGET_SPENT, Reason.COMPLETE)
    assert these(done.eac(), done.eac(Forecast.COMBINED), done.vac()) == (100, 100, 0)


MONEY = st.decimals(0, 10**9, places=2)


@given(MONEY, MONEY, MONEY, MONEY)
def test_indicators_agree_with_each_other(bac: D, pv: D, ev: D, ac: D) -> None:
    one = Amounts(bac=bac, pv=pv, ev=min(ev, bac), ac=ac)

    for forecast in Forecast:
        eac, etc, vac = number(one.eac(forecast)), number(one.etc(forecast)), number(one.vac(forecast))
        if eac is None:
            assert these(etc, vac) == (None, None)
        else:
            assert these(etc, vac) == (eac - ac, bac - eac)
    spi, cpi = number(one.spi), number(one.cpi)
    assert spi is None or (spi >= 1) == (one.sv >= 0)
    assert cpi is None or (cpi >= 1) == (one.cv >= 0)


def test_timing_without_value_or_before_the_start_says_why() -> None:
    worthless = project(package()).timing(5)
    early = project(package(variable=D(1), start=100, finish=200)).timing(5)
    assert worthless is not None
    assert early is not None

    assert these(worthless.spi, worthless.ieac) == (Reason.NO_BUDGET, Reason.NO_BUDGET)
    assert these(early.at, early.spi, early.adherence) == (0, Reason.NOT_STARTED, Reason.NOTHING_EARNED)
    idle = project(package(variable=D(1))).timing(50)
    assert idle is not None
    assert these(idle.spi, idle.ieac, idle.finish(idle.ieac)) == (0, Reason.NOTHING_EARNED, Reason.NOTHING_EARNED)
    assert idle.finish(D(10) ** 12) is Reason.BEYOND_CALENDAR
    assert project().timing(0) is None


def test_summaries_are_the_sums_of_what_is_in_them() -> None:
    report = [Report(PERIOD, D(50))]
    whole = project(
        *(package(name, variable=D(10), reports=report, costs=[Spent(1, D(2))]) for name in "ab"),
        package("c", variable=D(5)),
        parents={"a": "one", "b": "one", "one": "top", "c": "top"},
        overhead=[Spent(1, D(100))],
    )
    found = whole.by_task(PERIOD)

    assert found["one"] == Amounts(bac=D(20), pv=D(20), ev=D(10), ac=D(4))
    assert found["top"] == Amounts(bac=D(25), pv=D(25), ev=D(10), ac=D(4))
    assert whole.amounts(PERIOD) == Amounts(bac=D(25), pv=D(25), ev=D(10), ac=D(104))


def test_curves_know_nothing_of_the_future() -> None:
    one = project(package(variable=D(100), work=60, finish=100, reports=[Report(40, D(30))], costs=[Spent(40, D(9))]))

    assert [tuple(point) for point in one.curve([0, 50, 100], now=50)] == [
        *((0, 0, 0, 0), (50, 50, 30, 9), (100, 100, None, None)),
    ]
    assert [tuple(point) for point in one.burn_down([0, 50, 100], now=50)] == [
        *((0, 60, 60), (50, 30, 42), (100, 0, None)),
    ]


def test_plain_rates_have_their_units() -> None:
    one = Simple(work_done=D(6000), work_planned=D(12_000), elapsed=D(3000), cost=D(500), budget=D(2000))

    assert these(one.progress_rate, one.outcome_rate, one.risk_ratio) == (2, D("0.2"), 2)
    none = Simple(work_done=D(0), work_planned=D(0), elapsed=D(0), cost=D(0), budget=D(0))
    assert these(none.progress_rate, none.outcome_rate, none.risk_ratio) == (
        *(Reason.NOT_STARTED, Reason.NO_ACTUAL_COST, Reason.NOTHING_PLANNED),
    )
    assert CLOCK.between(0, PERIOD) == PERIOD
