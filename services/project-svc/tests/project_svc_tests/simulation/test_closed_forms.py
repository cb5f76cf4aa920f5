"""Simulations beside what mathematics says; tolerances are four standard errors, and seeds are fixed."""

import math
from itertools import pairwise

import numpy as np
import pytest

from project_svc.scheduling.baselines import Cost
from project_svc.scheduling.calendars.rules import AROUND_THE_CLOCK, Rules
from project_svc.scheduling.network.plan import Link, Plan, Task
from project_svc.simulation.case import Case, Correlation, Hazard
from project_svc.simulation.draws import draw
from project_svc.simulation.drivers import Ranked
from project_svc.simulation.simulate import Distribution, simulate
from project_svc.simulation.spreads import Shape, Spread

SIZE = 10_000
ALWAYS = {"standard": Rules(week=(AROUND_THE_CLOCK,) * 7)}
"""No minute is not worked, so that moments are sums of durations."""

LONG = Spread(4_000, 6_000, 14_000)
WIDE = Spread(1_000, 1_000, 9_000)
TRIANGLE = Spread(2_000, 5_000, 8_000, Shape.TRIANGULAR)


def plan(*names: str, chain: bool = True) -> Plan:
    tasks = [Task(id=name, duration=6_000) for name in names]
    links = [Link(before=before, after=after) for before, after in pairwise(names) if chain]
    return Plan(start=0, tasks=tasks, links=links, calendars=ALWAYS)


def holds(found: Distribution, mean: float, variance: float) -> None:
    """Mean and standard deviation lie within four standard errors (of the deviation: for kurtosis up to 5)."""
    assert abs(found.mean - mean) < 4 * math.sqrt(variance / SIZE)
    assert abs(found.deviation - math.sqrt(variance)) < 4 * math.sqrt(variance / SIZE)


def test_moments_of_estimates() -> None:
    # (4000 + 4·6000 + 14000)/6, (7000-4000)·(14000-7000)/7; triangular: (a²+b²+c²-ab-ac-bc)/18
    assert (LONG.mean, LONG.variance) == (7_000, 3_000_000)
    assert (TRIANGLE.mean, TRIANGLE.variance) == (5_000, 1_500_000)
    assert (WIDE.mean, WIDE.variance) == pytest.approx((7_000 / 3, 4_000 / 3 * 20_000 / 3 / 7))


def test_a_chain_is_the_sum_of_independent_tasks() -> None:
    spreads = {"a": LONG, "b": WIDE, "c": TRIANGLE}
    found = simulate(Case(plan=plan("a", "b", "c"), durations=spreads, iterations=SIZE))
    mean, variance = (sum(values) for values in zip(*((s.mean, s.variance) for s in spreads.values()), strict=True))
    holds(found.finish, mean, variance)
    assert {task: one.criticality for task, one in found.tasks.items()} == {"a": 1, "b": 1, "c": 1}
    assert found.finish.planned == 18_000
    assert sum(bar.share for bar in found.finish_tornado) == pytest.approx(1)
    assert sum(one.number for one in found.finish.histogram) == SIZE
    # shares of variance: 3.0, 1.27 and 1.5 of 5.77 million
    assert [bar.id for bar in found.finish_tornado] == ["a", "c", "b"]


def test_paths_that_merge_end_later_than_either() -> None:
    found = simulate(Case(plan=plan("a", "b", chain=False), durations={"a": TRIANGLE, "b": TRIANGLE}, iterations=SIZE))
    # P(max ≤ x) = F(x)², with F of the triangle: (x-2000)²/18e6 up to 5000, 1-(8000-x)²/18e6 from there
    x = np.linspace(2_000, 8_000, 60_001)
    below = np.where(x <= 5_000, (x - 2_000) ** 2 / 18e6, 1 - (8_000 - x) ** 2 / 18e6)
    mean = 8_000 - np.trapezoid(below**2, x)
    variance = 8_000**2 - np.trapezoid(2 * x * below**2, x) - mean**2
    holds(found.finish, float(mean), float(variance))
    for percent in (10, 50, 80, 90):
        share = np.interp(found.finish.percentile(percent), x, below**2)
        assert abs(share - percent / 100) < 4 * math.sqrt(percent / 100 * (1 - percent / 100) / SIZE)
    for one in found.tasks.values():
        assert abs(one.criticality - 0.5) < 4 * math.sqrt(0.25 / SIZE)


def test_a_risk_strikes_or_not() -> None:
    hazard = Hazard(id="flood", probability=0.3, tasks=("a",), delay=Spread(500, 500, 500), cost=Spread(70, 70, 70))
    costs = {"a": Cost(per_hour=6)}  # type: ignore[arg-type]  # an exact number of a dime a minute
    case = Case(plan=plan("a"), hazards=[hazard], costs=costs, iterations=SIZE, due=6_400, budget=600)
    found = simulate(case)
    share = 1 - found.finish.planned_confidence
    assert abs(share - 0.3) < 4 * math.sqrt(0.21 / SIZE)
    assert found.finish.mean == pytest.approx(6_000 + 500 * share)
    assert found.finish.deviation == pytest.approx(500 * math.sqrt(share * (1 - share)), rel=1e-3)
    assert (found.finish.percentile(50), found.finish.percentile(80)) == (6_000, 6_500)
    assert (found.cost.percentile(50), found.cost.percentile(80)) == (600, 720)
    assert found.on_time == found.within_budget == found.both == pytest.approx(1 - share)
    (bar,) = found.finish_tornado
    assert (bar.id, bar.risk, bar.low, bar.high) == ("flood", True, 6_000, 6_500)
    assert (bar.correlation, bar.share) == pytest.approx((1, 1))


@pytest.mark.parametrize("coefficient", [0.0, 0.5, 1.0, -1.0])
def test_correlation_widens_a_sum_and_leaves_its_parts(coefficient: float) -> None:
    durations = {"a": LONG, "b": LONG}
    alone = Case(plan=plan("a", "b"), durations=durations, iterations=SIZE)
    case = Case(
        plan=alone.plan,
        durations=durations,
        iterations=SIZE,
        correlations=[Correlation(("a", "b"), coefficient)] if coefficient else [],
    )
    own, drawn = draw(alone, lambda _: None).durations, draw(case, lambda _: None).durations
    assert all(np.array_equal(np.sort(own[name]), np.sort(drawn[name])) for name in "ab")
    ranks = [Ranked(drawn[name].astype(float)) for name in "ab"]
    error = 4 / math.sqrt(SIZE) if not coefficient else 0.01
    assert abs(ranks[0].correlation(ranks[1]) - coefficient) < error
    if coefficient >= 0 and coefficient != 0.5:
        holds(simulate(case).finish, 14_000, 2 * LONG.variance * (1 + coefficient))


def test_a_common_risk_correlates_the_tasks_that_it_hits() -> None:
    hazard = Hazard(id="supplier", probability=0.4, tasks=("a", "b"), factor=Spread(2, 2, 2))
    drawn = draw(Case(plan=plan("a", "b"), hazards=[hazard], iterations=SIZE), lambda _: None).durations
    assert np.array_equal(drawn["a"], drawn["b"])
    assert set(drawn["a"].tolist()) == {6_000, 12_000}


def test_risks_strike_together_as_their_correlation_says() -> None:
    hazards = [Hazard(id=id, probability=0.5, tasks=(id[0],), delay=Spread(9, 9, 9)) for id in ("a1", "b1")]
    case = Case(plan=plan("a", "b"), hazards=hazards, correlations=[Correlation(("a1", "b1"), 0.5)], iterations=SIZE)
    drawn = draw(case, lambda _: None).durations
    both = float(np.mean((drawn["a"] > 6_000) & (drawn["b"] > 6_000)))
    # Sheppard: the orthant of a bivariate normal with r = 2·sin(π·0.5/6) is 1/4 + arcsin(r)/2π
    expected = 0.25 + math.asin(2 * math.sin(math.pi / 12)) / (2 * math.pi)
    assert abs(both - expected) < 4 * math.sqrt(expected * (1 - expected) / SIZE)
