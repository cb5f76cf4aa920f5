"""A problem as arrays: ranks of precedence, padded predecessors, and all resources of a period in one machine word.

Word-parallel comparison: the free units of the resources stand side by side in the lanes of a 64-bit word, each under
a guard bit. Subtracting a demand clears a guard where, and only where, a resource is short (Lamport, *Multiple byte
processing with full-word instructions*, CACM 18(8), 1975).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from project_svc.scheduling.rcpsp.problem import Delay, Problem, UnschedulableError

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
_WORD = 63
_MOST_PERIODS = 1_000_000
_MOST_UNITS = 1 << 40
UNREACHED = -(1 << 40)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Compiled:
    """Arrays of a problem, for schedules in bulk.

    Attributes:
        durations: [task]
        before: [task, at most so many predecessors], padded with the number of tasks.
        delays: As ``before``; padded with something that never counts.
        releases: [task]
        demands: [word, task], in lanes.
        free: [word, period], in lanes under guard bits, before anything is scheduled.
        guards: [word]
        order: Tasks, predecessors first.
        steps: The periods in which a capacity changes.
    """

    durations: Ints
    before: Ints
    delays: Ints
    releases: Ints
    demands: Ints
    free: Ints
    guards: Ints
    order: Ints
    steps: Ints

    @property
    def size(self) -> int:
        """How many tasks."""
        return len(self.durations)

    @property
    def ranks(self) -> Ints:
        """[task] its place in ``order``."""
        ranks = np.empty(self.size, dtype=np.int64)
        ranks[self.order] = np.arange(self.size)
        return ranks

    @property
    def last_step(self) -> int:
        """The period from which ``free`` stays as it is."""
        return int(self.steps.max(initial=0))

    @property
    def horizon(self) -> int:
        """How many periods there are."""
        return int(self.free.shape[1])


def topological_order(size: int, delays: Sequence[Delay]) -> list[int]:
    """Tasks, predecessors first, else by number.

    Raises:
        UnschedulableError: Tasks wait for each other; names them around the cycle.
    """
    waiting = [0] * size
    after: list[list[int]] = [[] for _ in range(size)]
    for delay in delays:
        waiting[delay.after] += 1
        after[delay.before].append(delay.after)
    ready = [task for task in range(size) if not waiting[task]]
    for task in ready:
        for other in after[task]:
            waiting[other] -= 1
            if not waiting[other]:
                ready.append(other)
    if len(ready) < size:
        raise UnschedulableError(_cycle(waiting, delays))
    return ready


def _cycle(waiting: Sequence[int], delays: Sequence[Delay]) -> list[int]:
    blocker = {delay.after: delay.before for delay in delays if waiting[delay.before]}
    task = next(task for task, left in enumerate(waiting) if left)
    seen: list[int] = []
    while task not in seen:
        seen.append(task)
        task = blocker[task]
    return seen[seen.index(task) :][::-1]


def compile_problem(problem: Problem, horizon: int | None = None) -> Compiled:
    """The arrays of ``problem`` over ``horizon`` periods and the longest task behind them.

    Raises:
        UnschedulableError: Tasks wait for each other.
        ValueError: Periods are so short, or units so small, that there are more than can be counted.
    """
    size = problem.size
    periods = (problem.horizon if horizon is None else horizon) + max(problem.durations, default=0) + 2
    if (
        periods > _MOST_PERIODS
        or max((step.capacity for one in problem.capacities for step in one), default=0) > _MOST_UNITS
    ):
        raise ValueError(f"more than {_MOST_PERIODS} periods, or {_MOST_UNITS} units: measure in larger ones")
    before: list[list[tuple[int, int]]] = [[] for _ in range(size)]
    for delay in problem.delays:
        before[delay.after].append((delay.before, delay.periods))
    width = max(map(len, before), default=0)
    padded = [[*one, *[(size, UNREACHED)] * (width - len(one))] for one in before]
    table = np.array(padded, dtype=np.int64).reshape(size, width, 2)
    capacities = np.zeros((len(problem.capacities), periods), dtype=np.int64)
    for resource, steps in enumerate(problem.capacities):
        for step in steps:
            capacities[resource, step.since :] = step.capacity
    demands = np.array(problem.demands, dtype=np.int64).reshape(size, len(problem.capacities)).T
    packed, free, guards = _packed(demands, capacities)
    return Compiled(
        durations=np.array(problem.durations, dtype=np.int64),
        before=np.ascontiguousarray(table[:, :, 0]),
        delays=np.ascontiguousarray(table[:, :, 1]),
        releases=np.array(problem.releases or (0,) * size, dtype=np.int64),
        demands=packed,
        free=free,
        guards=guards,
        order=np.array(topological_order(size, problem.delays), dtype=np.int64),
        steps=np.array(sorted({step.since for steps in problem.capacities for step in steps}), dtype=np.int64),
    )


def _packed(demands: Ints, capacities: Ints) -> tuple[Ints, Ints, Ints]:
    """Demands, free units and guards in words, as many resources in each as fit."""
    largest = int(max(capacities.max(initial=0), demands.max(initial=0)))
    lane = largest.bit_length() + 1
    lanes = max(_WORD // lane, 1)
    words = max(-(-len(capacities) // lanes), 1)
    packed: Any = np.zeros((words, demands.shape[1]), dtype=np.int64)
    free = np.zeros((words, capacities.shape[1]), dtype=np.int64)
    guards = np.zeros(words, dtype=np.int64)
    for resource in range(len(capacities)):
        word, shift = resource // lanes, resource % lanes * lane
        packed[word] += demands[resource] << shift
        free[word] += capacities[resource] << shift
        guards[word] |= np.int64(1) << (shift + lane - 1)
    return packed, free | guards[:, None], guards


def reversed_in_time(compiled: Compiled, problem: Problem) -> Compiled:
    """The same problem run backwards: period ``t`` of one is the end of period ``horizon - t`` of the other."""
    durations = problem.durations
    mirrored = Problem(
        durations=durations,
        delays=tuple(
            Delay(one.after, one.before, one.periods + durations[one.after] - durations[one.before])
            for one in problem.delays
        ),
        demands=problem.demands,
        capacities=problem.capacities,
    )
    backwards = compile_problem(mirrored, 0)
    return Compiled(
        durations=compiled.durations,
        before=backwards.before,
        delays=backwards.delays,
        releases=backwards.releases,
        demands=compiled.demands,
        free=np.ascontiguousarray(compiled.free[:, ::-1]),
        guards=compiled.guards,
        order=np.ascontiguousarray(compiled.order[::-1]),
        steps=compiled.horizon - compiled.steps[1:],
    )
