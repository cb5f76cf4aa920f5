from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.psplib import read_instance
from crm_platform.operations.compute import Compute
from project_svc.scheduling.feasibility import Case, violations
from project_svc.scheduling.rcpsp.bounds import lower_bound, reach
from project_svc.scheduling.rcpsp.compiled import compile_problem, reversed_in_time
from project_svc.scheduling.rcpsp.cpsat import improve
from project_svc.scheduling.rcpsp.problem import Delay, Problem, Step, UnschedulableError
from project_svc.scheduling.rcpsp.rules import Rule, parallel_schedule, priorities, serial_schedule
from project_svc.scheduling.rcpsp.sgs import justified, makespans, serial_schedules
from project_svc.scheduling.rcpsp.solve import Ended, Method, Solution, solve
from project_svc_tests.scheduling.naive import shortest

PSPLIB = Path(__file__).parents[6] / "shared" / "data" / "psplib"


def case_of(problem: Problem) -> Case:
    return Case(
        durations=problem.durations,
        delays=problem.delays,
        demands=problem.demands,
        capacities=problem.capacities,
        releases=problem.releases,
    )


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    size, resources = draw(st.integers(1, 4)), draw(st.integers(0, 5))
    small = st.integers(0, 4)
    steps = draw(st.lists(st.integers(1, 5), max_size=2, unique=True).map(sorted))
    capacities = [
        (*(Step(since, draw(small)) for since in (0, *steps)), Step(6, draw(st.integers(4, 5))))
        for _ in range(resources)
    ]
    delays = draw(
        st.lists(
            st.builds(
                lambda ends, periods: Delay(ends[0], ends[1], periods),
                st.lists(st.integers(0, size - 1), min_size=2, max_size=2, unique=True).map(sorted),
                st.integers(-2, 5),
            ),
            max_size=5,
        )
        if size > 1
        else st.just([])
    )
    return Problem(
        durations=tuple(draw(st.lists(small, min_size=size, max_size=size))),
        delays=tuple(delays),
        demands=tuple(tuple(draw(small) for _ in range(resources)) for _ in range(size)),
        capacities=tuple(capacities),
        releases=tuple(draw(st.lists(st.integers(0, 3), min_size=size, max_size=size))),
    )


@settings(max_examples=8, deadline=None)
@given(problem=problems())
def test_small_problems_are_solved_to_the_optimum(problem: Problem) -> None:
    solution = solve(problem, effort=0.2, seconds=600)
    assert violations(case_of(problem), solution.starts) == []
    assert solution.makespan == problem.makespan(solution.starts) == shortest(problem, solution.makespan)
    assert (solution.lower_bound, solution.ended, solution.gap) == (solution.makespan, Ended.OPTIMAL, 0)


@settings(max_examples=25, deadline=None)
@given(problem=problems(), seed=st.integers(0, 99))
def test_all_ways_of_making_schedules_keep_to_the_problem(problem: Problem, seed: int) -> None:
    forwards = compile_problem(problem)
    backwards = reversed_in_time(forwards, problem)
    reached = reach(forwards, backwards)
    keys = priorities(problem, forwards, reached)
    random = np.random.default_rng(seed)
    lists = np.array([forwards.order, *(_random_list(problem, random) for _ in range(3))])
    rules = [make(forwards, key) for key in keys.values() for make in (serial_schedule, parallel_schedule)]
    schedules = np.concatenate([serial_schedules(forwards, lists), rules])
    better = justified(forwards, backwards, schedules)
    for starts in [*schedules, *better]:
        assert violations(case_of(problem), starts.tolist()) == []
    assert (makespans(forwards, better) <= makespans(forwards, schedules)).all()
    assert reached.critical_path <= lower_bound(problem, reached) <= makespans(forwards, better).min()


def _random_list(problem: Problem, random: np.random.Generator) -> list[int]:
    left, found = set(range(problem.size)), list[int]()
    while left:
        ready = sorted(left - {one.after for one in problem.delays if one.before in left})
        found.append(ready[random.integers(len(ready))])
        left.discard(found[-1])
    return found


def hard(size: int = 35) -> Problem:
    """An invented problem whose bound is not reached by rules."""
    random = np.random.default_rng(7)
    durations = tuple(random.integers(1, 11, size).tolist())
    ends = [sorted(random.choice(size, 2, replace=False).tolist()) for _ in range(size)]
    return Problem(
        durations=durations,
        delays=tuple(Delay(before, after, durations[before]) for before, after in ends),
        demands=tuple(tuple(row) for row in random.integers(0, 7, (size, 4)).tolist()),
        capacities=((Step(0, 10), Step(20, 8)),) * 4,
    )


def test_equal_effort_gives_equal_schedules() -> None:
    first, second = (solve(hard(), effort=0.1, seconds=600) for _ in range(2))
    assert first == second
    assert violations(case_of(hard()), first.starts) == []
    assert first.lower_bound <= first.makespan


def test_a_flag_ends_the_search_with_what_is_there() -> None:
    solution = solve(hard(), effort=1e6, cancelled=lambda: True)
    assert (solution.ended, solution.method) == (Ended.CANCELLED, Method.RULES)
    assert violations(case_of(hard()), solution.starts) == []


def test_a_flag_reaches_the_solver() -> None:
    problem, asked = hard(90), list[int]()

    def the_third_time() -> bool:
        asked.append(1)
        return len(asked) > 2

    forwards = compile_problem(problem)
    known = tuple(serial_schedules(forwards, forwards.order[None, :])[0].tolist())
    found = improve(problem, known, 1, effort=1e6, seconds=600, cancelled=the_third_time)
    assert not found.ended
    assert found.lower_bound < problem.makespan(found.starts or known) <= problem.makespan(known)
    assert violations(case_of(problem), found.starts or known) == []


async def test_a_process_of_its_own_is_told_by_a_file(tmp_path: Path) -> None:
    flag = tmp_path / "stop"
    flag.touch()
    search = partial(solve, effort=1e6, seconds=600, cancelled=flag.exists)
    solution = await Compute(1)(search, hard())
    assert solution == solve(hard(), effort=0, seconds=600, cancelled=flag.exists)
    assert (solution.ended, solution.method) == (Ended.CANCELLED, Method.RULES)


def test_the_clock_ends_the_search() -> None:
    assert solve(hard(), effort=1e6, seconds=0).ended is Ended.CLOCK


def test_periods_are_as_long_as_they_can_be() -> None:
    problem = hard(12)
    minutes = Problem(
        durations=tuple(480 * one for one in problem.durations),
        delays=tuple(Delay(one.before, one.after, 480 * one.periods) for one in problem.delays),
        demands=problem.demands,
        capacities=tuple(
            tuple(Step(480 * step.since, step.capacity) for step in steps) for steps in problem.capacities
        ),
    )
    days, long = (solve(one, effort=0.5, seconds=600) for one in (problem, minutes))
    assert long.starts == tuple(480 * start for start in days.starts)
    assert (long.makespan, long.lower_bound) == (480 * days.makespan, 480 * days.lower_bound)


def test_a_capacity_that_changes_far_away() -> None:
    steps = (Step(0, 0), Step(99_991, 1), Step(99_995, 0), Step(100_003, 2))
    problem = Problem(durations=(7, 3, 5), delays=(), demands=((1,), (1,), (2,)), capacities=(steps,))
    solution = solve(problem, effort=0.1, seconds=600)
    assert violations(case_of(problem), solution.starts) == []
    assert (solution.makespan, solution.ended) == (100_015, Ended.OPTIMAL)


@pytest.mark.parametrize(("periods", "units"), [(10**9 + 7, 1), (1, 1 << 50)])
def test_more_than_can_be_counted(periods: int, units: int) -> None:
    problem = Problem(durations=(periods, 1), delays=(), demands=((1,), (1,)), capacities=((Step(0, units),),))
    with pytest.raises(ValueError, match="measure in larger ones"):
        solve(problem)


def test_nothing_to_do() -> None:
    nothing = Problem(durations=(), delays=(), demands=(), capacities=())
    assert solve(nothing) == Solution(starts=(), makespan=0, lower_bound=0, ended=Ended.OPTIMAL, method=Method.RULES)


def test_what_cannot_be_scheduled_is_named() -> None:
    with pytest.raises(UnschedulableError) as caught:
        Problem(durations=(1, 1), delays=(), demands=((1,), (3,)), capacities=((Step(0, 5), Step(4, 2)),))
    assert (caught.value.tasks, caught.value.resource) == ((1,), 0)
    delays = (Delay(0, 1, 1), Delay(1, 2, 1), Delay(2, 1, 1))
    with pytest.raises(UnschedulableError) as caught:
        solve(Problem(durations=(1, 1, 1), delays=delays, demands=((), (), ()), capacities=()))
    assert (set(caught.value.tasks), caught.value.resource) == ({1, 2}, None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"durations": (-1,)},
        {"demands": ((1, 1),)},
        {"demands": ()},
        {"releases": (-1,)},
        {"capacities": ((Step(1, 5),),)},
        {"capacities": ((),)},
    ],
)
def test_parts_that_do_not_fit(wrong: dict[str, tuple[object, ...]]) -> None:
    parts = {"durations": (1,), "delays": (), "demands": ((1,),), "capacities": ((Step(0, 5),),)}
    with pytest.raises(ValueError, match=r"."):
        Problem(**{**parts, **wrong})  # type: ignore[arg-type]


@pytest.mark.skipif(not PSPLIB.is_dir(), reason=f"the data set {PSPLIB.name} is not here")
@pytest.mark.parametrize(("name", "optimum"), [("j301_1", 43), ("j3011_1", 54)])
def test_published_optima(name: str, optimum: int) -> None:
    problem = read_instance(PSPLIB / "j30" / f"{name}.sm")
    solution = solve(problem, effort=5, seconds=600)
    assert violations(case_of(problem), solution.starts) == []
    assert (solution.makespan, solution.lower_bound, solution.ended) == (optimum, optimum, Ended.OPTIMAL)


@pytest.mark.skipif(not PSPLIB.is_dir(), reason=f"the data set {PSPLIB.name} is not here")
def test_the_rule_that_ordinary_software_has_gives_what_the_data_set_says() -> None:
    problem = read_instance(PSPLIB / "j30" / "j301_1.sm")
    forwards = compile_problem(problem)
    keys = priorities(problem, forwards, reach(forwards, reversed_in_time(forwards, problem)))
    starts = serial_schedule(forwards, keys[Rule.LATEST_FINISH])
    assert violations(case_of(problem), starts.tolist()) == []
    assert problem.makespan(starts.tolist()) >= 43
