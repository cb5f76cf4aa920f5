"""Slow and simple judges: minute by minute, start by start."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from project_svc.scheduling.calendars.rules import Rules
from project_svc.scheduling.rcpsp.problem import Problem


def working_minutes(rules: Rules, first: date, last: date) -> list[int]:
    """Every minute that is worked on the days ``first`` to ``last`` by the clock of the calendar, as moments."""
    zone = ZoneInfo(rules.zone)
    found: set[int] = set()
    day = first
    while day <= last:
        for span in rules.spans(day):
            midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
            begin = (midnight + timedelta(minutes=span.begin)).timestamp() // 60
            end = (midnight + timedelta(minutes=span.end)).timestamp() // 60
            found |= set(range(int(begin), int(end)))
        day += timedelta(days=1)
    return sorted(found)


def shortest(problem: Problem, at_most: int) -> int:
    """The optimal makespan, by trying all starts up to ``at_most``; delays go from lower numbers to higher ones."""
    return _shortest(problem, [], at_most)


def _shortest(problem: Problem, starts: list[int], best: int) -> int:
    task = len(starts)
    if task == problem.size:
        return max((start + duration for start, duration in zip(starts, problem.durations, strict=True)), default=0)
    before = [starts[one.before] + one.periods for one in problem.delays if one.after == task]
    duration = problem.durations[task]
    for start in range(max(problem.release(task), *before, 0), best - duration + 1):
        if all(_free(problem, starts, task, period) for period in range(start, start + duration)):
            best = min(best, _shortest(problem, [*starts, start], best))
    return best


def _free(problem: Problem, starts: Sequence[int], task: int, period: int) -> bool:
    for resource, steps in enumerate(problem.capacities):
        capacity = [step.capacity for step in steps if step.since <= period][-1]
        running = [t for t, start in enumerate(starts) if start <= period < start + problem.durations[t]]
        if sum(problem.demands[other][resource] for other in [*running, task]) > capacity:
            return False
    return True
