"""Searching for a short schedule: the plan as an RCPSP, its solution as the order in which the plan is levelled.

The model counts working minutes of the plan's calendar, and its makespan, bound and gap are about that. Its solution
only says which task goes before which: dates come from levelling in that order, by all calendars and lags as they are,
so that what comes out keeps to the plan also where the model is an approximation of it.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, gcd

from project_svc.scheduling.calendars.worktime import WorkTime
from project_svc.scheduling.calendars.zones import datetime_of
from project_svc.scheduling.levelling import Assignment, Levelling, Supply, levelled
from project_svc.scheduling.network.plan import STANDARD, ConstraintKind, Link, Plan, Task
from project_svc.scheduling.rcpsp.problem import Delay, Problem, Step
from project_svc.scheduling.rcpsp.solve import Solution, solve

MOST_TASKS = 2000
_MOST_PERIODS = 4000
_COARSE = 15
_STARTS = frozenset({ConstraintKind.START_NO_EARLIER_THAN, ConstraintKind.MUST_START_ON})
_FINISHES = frozenset({ConstraintKind.FINISH_NO_EARLIER_THAN, ConstraintKind.MUST_FINISH_ON})


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimised:
    """What a search has found.

    Attributes:
        levelling: The schedule, as the plan has it.
        solution: As the model has it.
        exact: Whether the model is the plan.
        by_rule: When the plan ends that is levelled by late starts and ranks alone.
    """

    levelling: Levelling
    solution: Solution
    exact: bool
    by_rule: int


def find_schedule(
    plan: Plan,
    supplies: Mapping[str, Sequence[Supply]],
    needs: Sequence[Assignment],
    ranks: Mapping[str, int],
    effort: float,
    *,
    going_on: Callable[[float], None] = lambda _: None,
) -> Optimised:
    """The shortest schedule found, which is never longer than that of the priority rule.

    Args:
        plan: Tasks, links, calendars.
        supplies: By resource, its units over time.
        needs: Who works on what.
        ranks: Of tasks, for the priority rule.
        effort: Work to spend, see :func:`.rcpsp.solve.solve`.
        going_on: Called every now and then with which part of it is spent, by the clock, from 0 to 1.

    Raises:
        ShortageError: A task needs more of a resource than there will ever be.
        PlanError: The plan means nothing.
    """
    by_rule = levelled(plan, supplies, needs, ranks)
    model = _Model(plan, supplies, needs)
    solution = solve(model.problem, effort=effort, cancelled=_telling(effort, going_on))
    order = {id: solution.starts[index] for id, index in model.index.items()}
    found = levelled(plan, supplies, needs, order)
    better = min((found, by_rule), key=lambda one: (len(one.schedule.conflicts), one.schedule.finish))
    return Optimised(levelling=better, solution=solution, exact=model.exact, by_rule=by_rule.schedule.finish)


def _telling(effort: float, going_on: Callable[[float], None]) -> Callable[[], bool]:
    """A flag that is never raised, and tells how long it has been asked for."""
    begun = time.monotonic()

    def never() -> bool:
        going_on(min((time.monotonic() - begun) / effort, 1.0))
        return False

    return never


class _Model:
    """The problem, and the index in it of each task without children; two more of no duration stand for a summary."""

    def __init__(self, plan: Plan, supplies: Mapping[str, Sequence[Supply]], needs: Sequence[Assignment]) -> None:
        self._plan = plan
        self._origin = plan.start if plan.status is None else max(plan.start, plan.status)
        self._clock = WorkTime(plan.calendars[STANDARD], datetime_of(self._origin).date())
        parents = {task.parent for task in plan.tasks}
        self._leaves = [task for task in plan.tasks if task.id not in parents]
        self._summaries = [task for task in plan.tasks if task.id in parents]
        self.exact = all(task.calendar == STANDARD for task in self._leaves if task.duration)
        self.index = {task.id: place for place, task in enumerate(self._leaves)}
        size = len(self._leaves)
        self._starts = {task.id: size + 2 * place for place, task in enumerate(self._summaries)}
        self._finishes = {id: place + 1 for id, place in self._starts.items()}
        self._durations = [_left(task) for task in self._leaves] + [0] * (2 * len(self._summaries))
        self.problem = self._rounded(self._problem(supplies, needs))

    def _problem(self, supplies: Mapping[str, Sequence[Supply]], needs: Sequence[Assignment]) -> Problem:
        names = sorted(supplies)
        demands = [[0] * len(names) for _ in self._durations]
        for task, resource, units in needs:
            demands[self.index[task]][names.index(resource)] += units
        for place, duration in enumerate(self._durations):
            if not duration:
                demands[place] = [0] * len(names)
        releases = [self._release(task) for task in (*self._leaves, *self._twice(self._summaries))]
        return Problem(
            durations=tuple(self._durations),
            delays=tuple(self._delays()),
            demands=tuple(map(tuple, demands)),
            capacities=tuple(self._steps(supplies[name]) for name in names),
            releases=tuple(releases),
        )

    def _twice(self, summaries: Sequence[Task]) -> list[Task]:
        return [task for task in summaries for _ in range(2)]

    def _delays(self) -> list[Delay]:
        found = []
        for task in self._plan.tasks:
            if task.parent is None:
                continue
            first, last = self._begin(task.id), self._end(task.id)
            found.append(Delay(self._starts[task.parent], first, 0))
            found.append(Delay(last, self._finishes[task.parent], self._durations[last]))
        return found + [self._delay(link) for link in self._plan.links]

    def _delay(self, link: Link) -> Delay:
        """Every kind of link as a delay between starts; a lag by the clock counts as working time by its share."""
        before = self._begin(link.before) if link.kind.from_start else self._end(link.before)
        after = self._end(link.after) if link.kind.to_finish else self._begin(link.after)
        periods = link.lag
        if link.elapsed and link.lag:
            self.exact = False
            moment = self._origin + abs(link.lag)
            periods = self._clock.between(self._origin, moment) * (1 if link.lag > 0 else -1)
        if not link.kind.from_start:
            periods += self._durations[before]
        if link.kind.to_finish:
            periods -= self._durations[after]
        return Delay(before, after, periods)

    def _begin(self, id: str) -> int:
        return self._starts[id] if id in self._starts else self.index[id]

    def _end(self, id: str) -> int:
        return self._finishes[id] if id in self._finishes else self.index[id]

    def _release(self, task: Task) -> int:
        kind, moment = task.constraint
        if task.progress is not None or moment is None:
            return 0
        if kind not in _STARTS | _FINISHES:
            self.exact = False
            return 0
        least = self._clock.between(self._origin, moment) - (task.duration if kind in _FINISHES else 0)
        return max(least, 0)

    def _steps(self, supply: Sequence[Supply]) -> tuple[Step, ...]:
        found = {0: 0}
        for since, units in supply:  # of several before the origin the last holds
            found[max(self._clock.between(self._origin, since), 0)] = units
        return tuple(Step(since, units) for since, units in sorted(found.items()))

    def _rounded(self, problem: Problem) -> Problem:
        """The same in longer periods, rounded up, where there would be too many of them."""
        total = sum(problem.durations)
        unit = gcd(*problem.durations, *(one.periods for one in problem.delays), *problem.releases)
        if unit and total // unit <= _MOST_PERIODS:
            return problem
        unit = max(ceil(total / _MOST_PERIODS / _COARSE), 1) * _COARSE
        self.exact = False

        def up(periods: int) -> int:
            return ceil(periods / unit) * unit

        return replace(
            problem,
            durations=tuple(map(up, problem.durations)),
            delays=tuple(Delay(one.before, one.after, up(one.periods)) for one in problem.delays),
            capacities=tuple(tuple(Step(up(one.since), one.capacity) for one in s) for s in problem.capacities),
            releases=tuple(map(up, problem.releases)),
        )


def _left(task: Task) -> int:
    if task.progress is None:
        return task.duration
    return 0 if task.progress.actual_finish is not None else task.progress.remaining
