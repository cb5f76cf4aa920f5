"""A simulation from the case to its results."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from project_svc.scheduling.network.cpm import scheduled
from project_svc.simulation.case import Case
from project_svc.simulation.draws import Draws, draw
from project_svc.simulation.drivers import Bar, Ranked, tornados
from project_svc.simulation.passes import Network, network_of, run
from project_svc.simulation.spreads import Numbers

_BLOCK = 4096
_BINS = 30
_DRAWING = 0.5
"""Which part of the time drawing takes, roughly; the rest is passing through the network."""
PERCENTS = tuple(range(101))


class Bin(NamedTuple):
    """A bar of a histogram: values from ``begin`` to below ``end`` (the last one's end included), and their number."""

    begin: float
    end: float
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """What a result came to, over all iterations.

    Attributes:
        mean: Of all; its standard error is ``deviation`` over the root of their number.
        deviation: Standard deviation.
        curve: [0 to 100] the least value that so many per cent of the iterations do not exceed (the S-curve).
        histogram: Bars of equal width.
        planned: What the plan says without chance.
        planned_confidence: Share of the iterations that do not exceed that.
    """

    mean: float
    deviation: float
    curve: tuple[float, ...]
    histogram: tuple[Bin, ...]
    planned: float
    planned_confidence: float

    def percentile(self, percent: int) -> float:
        """What so many per cent of the iterations do not exceed: P10, P50, P80."""
        return self.curve[percent]


class OfTask(NamedTuple):
    """What a task does to the plan.

    Attributes:
        criticality: Share of the iterations in which it is critical (Van Slyke 1963).
        cruciality: Rank correlation of its duration with the finish (Williams 1992); 0 if it is certain.
    """

    criticality: float
    cruciality: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """The results.

    Attributes:
        finish: Moments.
        cost: In the currency of the case's costs.
        tasks: By task without children.
        deadlines: By task that has a deadline, the share of the iterations that keep it.
        finish_tornado: What the finish depends on.
        cost_tornado: What the cost depends on.
        on_time: Share of the iterations that end by the due date; None if there is none.
        within_budget: Share that cost no more than the budget; None if there is none.
        both: Share that do both (joint confidence level); None if either is not there.
    """

    finish: Distribution
    cost: Distribution
    tasks: Mapping[str, OfTask]
    deadlines: Mapping[str, float]
    finish_tornado: Sequence[Bar]
    cost_tornado: Sequence[Bar]
    on_time: float | None
    within_budget: float | None
    both: float | None


def simulate(case: Case, going_on: Callable[[float], None] = lambda _: None) -> Simulation:
    """Draw the plan many times.

    Args:
        case: What is drawn.
        going_on: Called every now and then with which part is done, from 0 to 1; what it raises ends the simulation.

    Raises:
        CaseError: The case means nothing.
        PlanError: Its plan does not.
        OutOfCalendarError: An iteration ends where no calendar reaches.
    """
    case.check()
    planned = scheduled(case.plan, tolerant=True).finish
    draws = draw(case, lambda share: going_on(_DRAWING * share))
    network = network_of(case.plan, list(draws.durations))
    due = [index for index in network.leaves if case.plan.tasks[index].deadline is not None]
    finish, critical, kept = _passed(case, network, draws, due, going_on)
    moments = finish.astype(np.float64)
    on_time = None if case.due is None else finish <= case.due
    within = None if case.budget is None else draws.cost <= case.budget
    both = None if on_time is None or within is None else on_time & within
    shares = {case.plan.tasks[index].id: float(critical[index]) / case.iterations for index in network.leaves}
    finish_tornado, cost_tornado = tornados(draws.drivers, moments, draws.cost)
    return Simulation(
        finish=_distribution(moments, planned),
        cost=_distribution(draws.cost, _planned_cost(case)),
        tasks=_of_tasks(case, shares, draws, moments, finish_tornado),
        deadlines={case.plan.tasks[index].id: float(share) for index, share in zip(due, kept, strict=True)},
        finish_tornado=finish_tornado,
        cost_tornado=cost_tornado,
        on_time=_share(on_time),
        within_budget=_share(within),
        both=_share(both),
    )


def _passed(
    case: Case, network: Network, draws: Draws, due: Sequence[int], going_on: Callable[[float], None]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Numbers]:
    """Finish of each iteration, criticality of each task as a count, and how often each deadline is kept."""
    finish = np.empty(case.iterations, dtype=np.int64)
    critical = np.zeros(len(case.plan.tasks), dtype=np.int64)
    deadlines = np.array([[case.plan.tasks[index].deadline] for index in due], dtype=np.int64).reshape(len(due), 1)
    kept = np.zeros(len(due))
    for begin in range(0, case.iterations, _BLOCK):
        going_on(_DRAWING + (1 - _DRAWING) * begin / case.iterations)
        block = slice(begin, min(begin + _BLOCK, case.iterations))
        part = {task: minutes[block] for task, minutes in draws.durations.items()}
        passed = run(network, part, block.stop - begin, due)
        finish[block] = passed.finish
        critical += passed.critical
        kept += (passed.ends <= deadlines).sum(axis=1)
    return finish, critical, kept / case.iterations


def _of_tasks(
    case: Case, critical: Mapping[str, float], draws: Draws, finish: Numbers, tornado: Sequence[Bar]
) -> dict[str, OfTask]:
    """Criticality and cruciality; that of a task which no risk hits is known from the tornado."""
    hit = {task for hazard in case.hazards for task in hazard.tasks}
    known = {bar.id: bar.correlation for bar in tornado if bar.id not in hit}
    target = Ranked(finish)
    for task in hit & draws.durations.keys():
        known[task] = Ranked(draws.durations[task].astype(np.float64)).correlation(target)
    return {task: OfTask(share, known.get(task, 0.0)) for task, share in critical.items()}


def _planned_cost(case: Case) -> float:
    """What the plan costs if each task takes what it says and no risk strikes."""
    return case.spent + sum(float(cost.of(case.planned[task])) for task, cost in case.costs.items())


def _distribution(values: Numbers, planned: float) -> Distribution:
    rising = np.sort(values)
    size = len(rising)
    at = [max(-(-percent * size // 100) - 1, 0) for percent in PERCENTS]
    counts, edges = np.histogram(rising, bins=_BINS)
    bars = zip(edges[:-1].tolist(), edges[1:].tolist(), counts.tolist(), strict=True)
    return Distribution(
        mean=float(rising.mean()),
        deviation=float(rising.std(ddof=1)) if size > 1 else 0.0,
        curve=tuple(rising[at].tolist()),
        histogram=tuple(Bin(*bar) for bar in bars),
        planned=planned,
        planned_confidence=float(np.searchsorted(rising, planned, side="right")) / size,
    )


def _share(those: npt.NDArray[np.bool_] | None) -> float | None:
    return None if those is None else float(those.mean())
