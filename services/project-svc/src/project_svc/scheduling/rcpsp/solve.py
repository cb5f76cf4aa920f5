"""From rules to proof: priority rules, genetic search, CP-SAT, each from the best of the one before.

Equal problems with equal effort have equal schedules, on any machine: chance comes from one seeded generator, effort
is counted in schedules made and in CP-SAT's deterministic time, and CP-SAT has one worker. A clock stands behind the
effort for slow machines; a solution says when it has struck.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from project_svc.scheduling.rcpsp.bounds import lower_bound, reach
from project_svc.scheduling.rcpsp.compiled import Ints, compile_problem, reversed_in_time
from project_svc.scheduling.rcpsp.cpsat import improve
from project_svc.scheduling.rcpsp.genetic import POPULATION, Evolution
from project_svc.scheduling.rcpsp.problem import Problem
from project_svc.scheduling.rcpsp.rules import parallel_schedule, priorities, serial_schedule
from project_svc.scheduling.rcpsp.sgs import justified, makespans

_SECONDS_TO_PLACE = 6e-5, 8e-9
"""What a second of effort is: a core's time to place a task in all schedules, and for each of their periods."""
_DETERMINISTIC_PER_SECOND = 0.4
"""CP-SAT's deterministic time in a second of an ordinary core; between 0.2 and 1, by problem."""
_PROOF_TASKS = 75
"""Up to so many tasks a proof can be hoped for, so that it is tried early."""
_PASSES, _FIRST = 3, 2
"""Of a generation: schedules made for each child; and of the search: generations that its first population costs."""


class Ended(StrEnum):
    """Why the search ended."""

    OPTIMAL = "optimal"
    EFFORT = "effort"
    CLOCK = "clock"
    CANCELLED = "cancelled"


class Method(StrEnum):
    """What found the schedule."""

    RULES = "rules"
    GENETIC = "genetic"
    CP_SAT = "cp_sat"


_STAGES = {
    True: ((Method.GENETIC, 0.03), (Method.CP_SAT, 0.4), (Method.GENETIC, 0.27), (Method.CP_SAT, 0.3)),
    False: ((Method.GENETIC, 0.85), (Method.CP_SAT, 0.15)),
}
"""Of problems of which a proof can be hoped for, and of others: what is tried, and its share of the effort."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """A feasible schedule.

    Attributes:
        starts: Of each task, its period.
        makespan: When the last task ends.
        lower_bound: No schedule is shorter; equal to the makespan if that is optimal.
        ended: Why the search ended; if by the clock or cancelled, another run can differ.
        method: What found it.
    """

    starts: tuple[int, ...]
    makespan: int
    lower_bound: int
    ended: Ended
    method: Method

    @property
    def gap(self) -> float:
        """By how much of the lower bound it can be too long, at most."""
        return (self.makespan - self.lower_bound) / self.lower_bound if self.lower_bound else 0.0


def never() -> bool:
    """The flag that is not raised."""
    return False


def solve(
    problem: Problem, *, effort: float = 10.0, seconds: float | None = None, cancelled: Callable[[], bool] = never
) -> Solution:
    """A short schedule, with a proof of how short it can be at least.

    Args:
        problem: What to schedule.
        effort: Work to spend, about that of so many seconds of an ordinary core.
        seconds: After which the clock ends the search; three times the effort if None.
        cancelled: A flag that ends the search with what is there.

    Raises:
        UnschedulableError: Tasks wait for each other.
    """
    scaled, unit = problem.scaled()
    search = _Search(scaled, effort, effort * 3 if seconds is None else seconds, cancelled)
    found = search.run()
    return Solution(
        starts=tuple(start * unit for start in found.starts),
        makespan=found.makespan * unit,
        lower_bound=found.lower_bound * unit,
        ended=found.ended,
        method=found.method,
    )


class _Search:
    def __init__(self, problem: Problem, effort: float, seconds: float, cancelled: Callable[[], bool]) -> None:
        self._problem, self._effort, self._cancelled = problem, effort, cancelled
        self._deadline = time.monotonic() + seconds
        self._forwards = compile_problem(problem)
        self._backwards = reversed_in_time(self._forwards, problem)
        self._reach = reach(self._forwards, self._backwards)
        self._bound = lower_bound(problem, self._reach)
        self._random = np.random.default_rng(1)
        self._interrupted: Ended | None = None

    def run(self) -> Solution:
        """All stages, until one proves that nothing better exists."""
        if not self._problem.size:
            return self._solution((), Method.RULES)
        seeds = self._by_rules()
        starts, method = _tuple(seeds[0]), Method.RULES
        for stage, share in _STAGES[self._problem.size <= _PROOF_TASKS]:
            if self._problem.makespan(starts) <= self._bound or not self._go_on():
                break
            effort = self._effort * share
            better = self._genetic(seeds, effort) if stage is Method.GENETIC else self._by_proof(starts, effort)
            if self._problem.makespan(better) < self._problem.makespan(starts):
                starts, method = better, stage
                seeds = np.concatenate([[starts], seeds])
        return self._solution(starts, method)

    def _by_proof(self, starts: tuple[int, ...], effort: float) -> tuple[int, ...]:
        found = improve(
            self._problem,
            starts,
            self._bound,
            effort=effort * _DETERMINISTIC_PER_SECOND,
            seconds=max(self._deadline - time.monotonic(), 0.0),
            cancelled=self._cancelled,
        )
        self._bound = found.lower_bound
        if not found.ended:
            self._interrupted = self._why()
        return starts if found.starts is None else found.starts

    def _by_rules(self) -> Ints:
        """Justified schedules of all rules, the best first."""
        keys = priorities(self._problem, self._forwards, self._reach).values()
        schedules = [serial_schedule(self._forwards, key) for key in keys]
        schedules += [parallel_schedule(self._forwards, key) for key in keys]
        better = justified(self._forwards, self._backwards, np.array(schedules))
        ordered: Ints = better[np.argsort(makespans(self._forwards, better), kind="stable")]
        return ordered

    def _genetic(self, seeds: Ints, effort: float) -> tuple[int, ...]:
        problem = self._problem
        most = np.array([max(step.capacity for step in steps) for steps in problem.capacities])
        demands = np.array(problem.demands, dtype=np.float64).reshape(problem.size, len(most))
        evolution = Evolution(
            forwards=self._forwards,
            backwards=self._backwards,
            reached=self._reach,
            intensity=(demands / np.maximum(most, 1)).sum(axis=1),
            random=self._random,
        )
        base, period = _SECONDS_TO_PLACE
        makespan = problem.makespan(_tuple(seeds[0]))
        each = _PASSES * problem.size * (base + period * POPULATION * makespan)
        generations = int(effort / each) - _FIRST
        if generations <= 0:
            return _tuple(seeds[0])
        return _tuple(evolution.run(seeds, target=self._bound, generations=generations, go_on=self._go_on))

    def _go_on(self) -> bool:
        if self._interrupted is None and (self._cancelled() or time.monotonic() > self._deadline):
            self._interrupted = self._why()
        return self._interrupted is None

    def _why(self) -> Ended:
        return Ended.CANCELLED if self._cancelled() else Ended.CLOCK

    def _solution(self, starts: tuple[int, ...], method: Method) -> Solution:
        makespan = self._problem.makespan(starts)
        optimal = makespan <= self._bound
        ended = Ended.OPTIMAL if optimal else self._interrupted or Ended.EFFORT
        return Solution(starts=starts, makespan=makespan, lower_bound=self._bound, ended=ended, method=method)


def _tuple(starts: Ints) -> tuple[int, ...]:
    return tuple(starts.tolist())
