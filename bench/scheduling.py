"""The scheduling engine: the critical path beside networkx, makespans beside the best that PSPLIB knows.

`make bench B=scheduling` takes a part of each set; ``python -m bench.scheduling j120 5 30`` takes every fifth instance
of one, with 30 s of effort each. Each schedule is judged by :mod:`project_svc.scheduling.feasibility`. Beside it stands
what ordinary project software gives: the serial schedule by latest finish time, in the same run.
"""

import random
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import networkx as nx

from bench.measure import ROUNDS, Row
from bench.psplib import FOLDER, Known, best_known, instances, read_instance
from project_svc.scheduling.calendars.public import Region
from project_svc.scheduling.calendars.rules import Rules
from project_svc.scheduling.calendars.zones import moment_of
from project_svc.scheduling.feasibility import Case, violations
from project_svc.scheduling.network.cpm import scheduled
from project_svc.scheduling.network.plan import Link, Plan, Task
from project_svc.scheduling.rcpsp.bounds import reach
from project_svc.scheduling.rcpsp.compiled import compile_problem, reversed_in_time
from project_svc.scheduling.rcpsp.problem import Problem
from project_svc.scheduling.rcpsp.rules import Rule, priorities, serial_schedule
from project_svc.scheduling.rcpsp.solve import Ended, solve

TASKS, LINKS = 10_000, 15_000
PARTS = {"j30": (7, 10.0), "j60": (7, 8.0), "j120": (13, 25.0)}
"""Of each set: every so-manieth instance, prime to the factors of its design; and the effort (seconds of one core)."""


_PATIENCE = 900.0
"""Seconds: so many that effort ends a search and not the clock, however loaded the machine is."""


class Run(NamedTuple):
    """What came out for one instance.

    Attributes:
        name: Of the instance.
        known: The best that is known of it.
        makespan: Ours.
        bound: Our proven lower bound.
        ended: Why the search ended.
        seconds: CPU time of the search.
        by_rule: Makespan of the serial schedule by latest finish time.
    """

    name: str
    known: Known
    makespan: int
    bound: int
    ended: Ended
    seconds: float
    by_rule: int

    @property
    def gap(self) -> float:
        """Per cent over the best known."""
        return 100 * (self.makespan / self.known.makespan - 1)

    @property
    def gap_by_rule(self) -> float:
        """As ``gap``, of the rule."""
        return 100 * (self.by_rule / self.known.makespan - 1)


def rows() -> Sequence[Row]:
    """All rows."""
    return [_critical_path(), *(_set_rows() if FOLDER.is_dir() else ())]


def _critical_path() -> Row:
    plan = _large_plan()
    ours, theirs = [], []
    for _ in range(ROUNDS):
        began = time.process_time()
        schedule = scheduled(plan)
        ours.append(time.process_time() - began)
        began = time.process_time()
        longest = _longest_path(plan)
        theirs.append(time.process_time() - began)
        path = sum(task.duration for task in plan.tasks if task.id in set(schedule.critical_path))
        assert path == longest, "networkx finds another longest path"
    ours_ms, theirs_ms = 1000 * statistics.median(ours), 1000 * statistics.median(theirs)
    return Row(
        work=f"critical path of {TASKS:,} tasks, {len(plan.links):,} links",
        beside="the longest path alone, by networkx",
        value=ours_ms / theirs_ms,
        must=4,
        goal=2,
        figures=f"CPU {ours_ms:.0f} ms with calendar, both passes, floats and dates; {theirs_ms:.0f} ms",
    )


def _large_plan() -> Plan:
    """Tasks of half days to ten days, each linked to one or two of the 400 before it, in China's working time."""
    chance = random.Random(1)  # noqa: S311 - a benchmark that repeats
    tasks = [Task(id=str(number), duration=240 * chance.randint(1, 20)) for number in range(TASKS)]
    pairs = {(max(0, after - chance.randint(1, 400)), after) for after in range(1, TASKS)}
    while len(pairs) < LINKS:
        after = chance.randrange(1, TASKS)
        pairs.add((max(0, after - chance.randint(1, 400)), after))
    links = [Link(before=str(before), after=str(after)) for before, after in sorted(pairs)]
    china = Rules(zone="Asia/Shanghai", region=Region("CN"))
    return Plan(
        start=moment_of(datetime(2026, 1, 5, tzinfo=UTC)), tasks=tasks, links=links, calendars={"standard": china}
    )


def _longest_path(plan: Plan) -> int:
    durations = {task.id: task.duration for task in plan.tasks}
    graph = nx.DiGraph()
    graph.add_nodes_from(durations)
    graph.add_weighted_edges_from((link.before, link.after, durations[link.before]) for link in plan.links)
    graph.add_weighted_edges_from((name, "end", duration) for name, duration in durations.items())
    return int(nx.dag_longest_path_length(graph))


def _set_rows() -> Iterator[Row]:
    """One row for each set, and one more for the proofs of J30."""
    limits = {"j30": (0.5, 0.0), "j60": (1.0, 0.5), "j120": (4.0, 3.0)}
    for name, (step, effort) in PARTS.items():
        runs = list(solved(name, step, effort))
        must, goal = limits[name]
        yield Row(
            work=f"{name.upper()}, mean gap to the best known",
            beside="serial schedule by latest finish time",
            value=statistics.mean(run.gap for run in runs),
            must=must,
            goal=goal,
            unit=" %",
            figures=_summary(runs, effort),
        )
        if name == "j30":
            yield Row(
                work="J30, mean CPU time to the end of the search",
                beside="–",
                value=statistics.mean(run.seconds for run in runs),
                must=2,
                goal=1,
                unit=" s",
                figures=f"slowest {max(run.seconds for run in runs):.1f} s",
            )


def solved(name: str, step: int, effort: float) -> Iterator[Run]:
    """Every ``step``-th instance of a set, solved and judged."""
    known = best_known()
    for file in instances(name)[step // 2 :: step]:
        problem = read_instance(file)
        began = time.process_time()
        solution = solve(problem, effort=effort, seconds=_PATIENCE)
        seconds = time.process_time() - began
        assert violations(_case(problem), solution.starts) == [], f"{file.stem} is not feasible"
        assert solution.lower_bound <= known[file.stem].makespan, f"the bound of {file.stem} is not one"
        by_rule = _by_rule(problem)
        best = known[file.stem]
        yield Run(file.stem, best, solution.makespan, solution.lower_bound, solution.ended, seconds, by_rule)


def _by_rule(problem: Problem) -> int:
    forwards = compile_problem(problem)
    keys = priorities(problem, forwards, reach(forwards, reversed_in_time(forwards, problem)))
    starts = serial_schedule(forwards, keys[Rule.LATEST_FINISH]).tolist()
    assert violations(_case(problem), starts) == []
    return problem.makespan(starts)


def _case(problem: Problem) -> Case:
    return Case(
        durations=problem.durations,
        delays=problem.delays,
        demands=problem.demands,
        capacities=problem.capacities,
        releases=problem.releases,
    )


def _summary(runs: Sequence[Run], effort: float) -> str:
    proven = sum(run.ended is Ended.OPTIMAL for run in runs)
    cut = sum(run.ended is Ended.CLOCK for run in runs)
    rule = statistics.mean(run.gap_by_rule for run in runs)
    own = statistics.mean(100 * (run.makespan / run.bound - 1) for run in runs)
    cpu = statistics.mean(run.seconds for run in runs)
    return (
        f"{len(runs)} instances, {proven} proven optimal, {cut} cut off by the clock; gap {rule:.2f} % by the rule; "
        f"{own:.2f} % over our own bound; effort {effort:g}, CPU mean {cpu:.1f} s"
    )


def main() -> None:
    """One set in detail: its name, the step, the effort."""
    name, step, effort = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    runs = []
    for run in solved(name, step, effort):
        runs.append(run)
        print(
            f"{run.name:9} best {run.known.makespan:4} ours {run.makespan:4} bound {run.bound:4} gap {run.gap:5.2f} % "
            f"rule {run.gap_by_rule:5.2f} % {run.ended:9} CPU {run.seconds:.1f} s",
            flush=True,
        )
    print(f"mean gap {statistics.mean(run.gap for run in runs):.2f} %; {_summary(runs, effort)}")


if __name__ == "__main__":
    main()
