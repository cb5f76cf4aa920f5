import pickle
from dataclasses import replace
from itertools import count

import pytest

from project_svc.scheduling.baselines import Cost
from project_svc.scheduling.network.plan import CycleError, Link, Plan, Progress, Task
from project_svc.simulation.case import Case, CaseError, Correlation, Hazard
from project_svc.simulation.simulate import simulate
from project_svc.simulation.spreads import Spread

ESTIMATE = Spread(300, 480, 960)
TASKS = [Task(id="a", duration=480), Task(id="group"), Task(id="b", duration=480, parent="group")]
PLAN = Plan(start=29_460_000, tasks=TASKS, links=[Link(before="a", after="b")])
CASE = Case(plan=PLAN, durations={"a": ESTIMATE, "b": ESTIMATE}, iterations=500)
FLOOD = Hazard(id="flood", probability=0.2, tasks=("a", "b"), delay=Spread(60, 120, 480))


def test_equal_cases_have_equal_results_and_other_seeds_others() -> None:
    case = replace(CASE, hazards=[FLOOD], correlations=[Correlation(("a", "b"), 0.4)])
    assert simulate(case) == simulate(case)
    assert simulate(case) != simulate(replace(case, seed=2))


def test_draws_are_the_same_on_every_machine() -> None:
    found = simulate(CASE).finish
    assert (found.curve[0], found.percentile(50), found.percentile(80)) == PINNED


PINNED = (29_461_607, 29_462_972, 29_463_110)


def test_what_is_added_leaves_the_draws_of_others() -> None:
    apart = Plan(start=PLAN.start, tasks=[*TASKS, Task(id="c", duration=1)])
    more = simulate(
        replace(CASE, plan=replace(apart, links=PLAN.links), durations={**CASE.durations, "c": Spread(1, 2, 3)})
    )
    assert more.finish == simulate(CASE).finish


def test_certain_plans_are_as_planned() -> None:
    found = simulate(replace(CASE, durations={}, due=PLAN.start, budget=0.0))
    assert (found.finish.deviation, found.finish.planned_confidence) == (0, 1)
    assert set(found.finish.curve) == {found.finish.planned}
    assert (found.on_time, found.within_budget, found.both) == (0, 1, 0)
    assert (found.finish_tornado, found.cost_tornado) == ([], [])


def test_what_has_ended_is_no_longer_uncertain() -> None:
    over = replace(TASKS[0], progress=Progress(PLAN.start, PLAN.start + 480))
    case = replace(
        CASE,
        plan=replace(PLAN, tasks=[over, *TASKS[1:]]),
        durations={"b": Spread(480, 480, 480)},
        costs={"a": Cost(per_hour=60), "b": Cost(per_hour=60)},  # type: ignore[arg-type]  # exact numbers
        spent=1_000.0,
    )
    found = simulate(case)
    assert (found.cost.planned, found.cost.mean, found.cost.deviation) == (1_480, 1_480, 0)
    assert found.tasks["a"].criticality == 0


def test_deadlines_say_how_likely_they_are_kept() -> None:
    tasks = [replace(TASKS[0], deadline=PLAN.start), *TASKS[1:2], replace(TASKS[2], deadline=PLAN.start + 90 * 1440)]
    assert simulate(replace(CASE, plan=replace(PLAN, tasks=tasks))).deadlines == {"a": 0, "b": 1}


@pytest.mark.parametrize(
    ("change", "subject"),
    [
        ({"durations": {"group": ESTIMATE}}, "group"),
        ({"durations": {"z": ESTIMATE}}, "z"),
        ({"durations": {"a": Spread(-1, 2, 3)}}, "a"),
        ({"costs": {"z": Cost()}}, "z"),
        ({"iterations": 0}, "iterations"),
        ({"iterations": 10_000_000}, "iterations"),
        ({"hazards": [replace(FLOOD, probability=1.5)]}, "flood"),
        ({"hazards": [replace(FLOOD, tasks=("group",))]}, "flood"),
        ({"hazards": [replace(FLOOD, tasks=("a", "a"))]}, "flood"),
        ({"hazards": [replace(FLOOD, factor=Spread(-1, 0, 1))]}, "flood"),
        ({"hazards": [FLOOD, FLOOD]}, "flood"),
        ({"hazards": [replace(FLOOD, id="a")]}, "a"),
        ({"correlations": [Correlation(("a",), 0.5)]}, "correlation"),
        ({"correlations": [Correlation(("a", "b"), 1.5)]}, "a"),
        ({"correlations": [Correlation(("a", "group"), 0.5)]}, "group"),
    ],
)
def test_what_means_nothing_is_refused_by_name(change: dict[str, object], subject: str) -> None:
    with pytest.raises(CaseError) as refused:
        simulate(replace(CASE, **change))  # type: ignore[arg-type]  # of many types
    assert refused.value.subject == subject
    again = pickle.loads(pickle.dumps(refused.value))  # noqa: S301 - as it leaves a process
    assert (str(again), again.subject) == (str(refused.value), subject)


def test_correlations_that_contradict_each_other_are_refused() -> None:
    hazards = [Hazard(id=id, probability=0.5) for id in "xyz"]
    pairs = [Correlation(("x", "y"), 0.9), Correlation(("y", "z"), 0.9), Correlation(("x", "z"), -0.9)]
    with pytest.raises(CaseError) as refused:
        simulate(replace(CASE, hazards=hazards, correlations=pairs))
    assert refused.value.subject == "z"


def test_plans_that_mean_nothing_are_refused() -> None:
    with pytest.raises(CycleError):
        simulate(replace(CASE, plan=replace(PLAN, links=[*PLAN.links, Link(before="b", after="a")])))


@pytest.mark.parametrize(("low", "mode", "high"), [(2, 1, 3), (1, 3, 2), (1, 2, float("inf")), (float("nan"), 1, 2)])
def test_estimates_rise(low: float, mode: float, high: float) -> None:
    with pytest.raises(ValueError, match=r"estimate has to be|does not hold"):
        Spread(low, mode, high)


def test_it_can_be_ended_at_any_call() -> None:
    calls = count()

    def going_on(_: float) -> None:
        if next(calls) == 2:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        simulate(CASE, going_on)
    assert next(calls) == 3


def test_it_says_how_far_it_is_and_comes_to_the_same() -> None:
    case = replace(CASE, iterations=20_000)
    told: list[float] = []

    found = simulate(case, told.append)

    assert told == sorted(told)
    assert (told[0], len(set(told)) > 5, told[-1] < 1) == (0, True, True)
    assert found == simulate(case)
