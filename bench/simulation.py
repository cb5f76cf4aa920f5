"""Monte-Carlo simulation: 10,000 iterations of 500 tasks, beside the least that NumPy could do for it.

The lower bound draws each duration, adds up each link and takes the greatest finish; it knows no calendar, no lag, no
risk, no criticality, and nothing of what depends on what.
"""

import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np

from bench.measure import ROUNDS, Row, show
from project_svc.scheduling.baselines import Cost
from project_svc.scheduling.calendars.public import Region
from project_svc.scheduling.calendars.rules import Rules
from project_svc.scheduling.calendars.zones import moment_of
from project_svc.scheduling.network.plan import Link, LinkKind, Plan, Task
from project_svc.simulation.case import Case, Correlation, Hazard
from project_svc.simulation.simulate import Simulation, simulate
from project_svc.simulation.spreads import Spread

TASKS, LINKS, ITERATIONS, RISKS = 500, 750, 10_000, 20


def rows() -> Sequence[Row]:
    """One row without, one with a correlation of all tasks with each other."""
    case = _case()
    together = Correlation(tuple(case.durations), 0.3)
    return [_row("", case), _row(", all tasks correlated", replace(case, correlations=[together]))]


def _row(how: str, case: Case) -> Row:
    ours, theirs = [], []
    for _ in range(ROUNDS):
        began = time.process_time()
        found = simulate(replace(case))
        ours.append(time.process_time() - began)
        began = time.process_time()
        bound = _lower_bound(case)
        theirs.append(time.process_time() - began)
        _agree(case, found, bound)
    seconds, least = statistics.median(ours), statistics.median(theirs)
    return Row(
        work=f"simulation of {TASKS} tasks, {ITERATIONS:,} iterations, {RISKS} risks{how}: CPU",
        beside="drawing and adding alone, in NumPy",
        value=seconds,
        must=4,
        goal=2,
        unit=" s",
        figures=f"{1000 * seconds:.0f} ms with calendar, criticality and tornado; {1000 * least:.0f} ms, "
        f"{seconds / least:.1f} times that",
    )


def _agree(case: Case, found: Simulation, bound: float) -> None:
    assert found.finish.mean > case.plan.start + bound, "there is less time than work"
    assert found.finish.planned_confidence < 0.5, "paths that merge end late"


def _case() -> Case:
    """Tasks of half days to ten days, each linked to one or two of the 30 before it; risks that hit ten each."""
    chance = random.Random(1)  # noqa: S311 - a benchmark that repeats
    tasks = [Task(id=str(number), duration=240 * chance.randint(1, 20)) for number in range(TASKS)]
    pairs = {(max(0, after - chance.randint(1, 30)), after) for after in range(1, TASKS)}
    while len(pairs) < LINKS:
        after = chance.randrange(1, TASKS)
        pairs.add((max(0, after - chance.randint(1, 30)), after))
    kinds = [*[LinkKind.FINISH_TO_START] * 7, *LinkKind]
    links = [
        Link(before=str(before), after=str(after), kind=chance.choice(kinds), lag=chance.choice([0, 0, 480, -240]))
        for before, after in sorted(pairs)
    ]
    china = Rules(zone="Asia/Shanghai", region=Region("CN"))
    plan = Plan(
        start=moment_of(datetime(2026, 1, 5, tzinfo=UTC)), tasks=tasks, links=links, calendars={"standard": china}
    )
    hit = [tuple(str(number) for number in chance.sample(range(TASKS), 10)) for _ in range(RISKS)]
    return Case(
        plan=plan,
        durations={task.id: Spread(0.7 * task.duration, task.duration, 1.8 * task.duration) for task in tasks},
        hazards=[
            Hazard(id=f"risk {number}", probability=0.3, tasks=tasks, factor=Spread(1.1, 1.2, 1.5))
            for number, tasks in enumerate(hit)
        ],
        costs={task.id: Cost(per_hour=Decimal(300)) for task in tasks},
        iterations=ITERATIONS,
    )


def _lower_bound(case: Case) -> float:
    """The mean finish of the links from finish to start, in minutes of work."""
    generator = np.random.default_rng(case.seed)
    ends = [spread.sample(generator, ITERATIONS) for spread in case.durations.values()]
    befores: dict[int, list[int]] = {}
    for link in case.plan.links:
        if link.kind is LinkKind.FINISH_TO_START and link.lag >= 0:
            befores.setdefault(int(link.after), []).append(int(link.before))
    for index in range(TASKS):
        if index in befores:
            ends[index] += np.max([ends[before] for before in befores[index]], axis=0)
    return float(np.max(ends, axis=0).mean())


if __name__ == "__main__":
    show(rows())
