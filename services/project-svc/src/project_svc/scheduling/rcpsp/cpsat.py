"""CP-SAT of OR-Tools: intervals, one cumulative constraint for each resource, begun from the best schedule known."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from project_svc.scheduling.rcpsp.problem import Problem

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

_WORKER = "no_lp"
"""Clause learning without a linear relaxation: the makespan's is weak, and learning proves most of PSPLIB's J30."""
_POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What CP-SAT came to.

    Attributes:
        starts: The best schedule; None if it found none better than what it was given.
        lower_bound: Of the makespan, proven.
        ended: Whether by itself, by proof or effort, and not by clock or flag.
    """

    starts: tuple[int, ...] | None
    lower_bound: int
    ended: bool


def improve(
    problem: Problem,
    known: tuple[int, ...],
    lower_bound: int,
    *,
    effort: float,
    seconds: float,
    cancelled: Callable[[], bool],
) -> Found:
    """Search for a schedule shorter than ``known``, or a proof that there is none.

    Args:
        problem: What to schedule.
        known: Starts of a feasible schedule.
        lower_bound: Of the makespan, proven.
        effort: CP-SAT's deterministic time: with one worker and one seed, equal effort gives equal answers anywhere.
        seconds: The clock, for when a machine is slower than thought; what it cuts off is not reproducible.
        cancelled: Asked ten times a second.
    """
    from ortools.sat.python import cp_model  # noqa: PLC0415 - 108 MB that only the process of a search needs

    model = cp_model.CpModel()
    starts, end = _describe(model, problem, known, lower_bound)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.subsolvers.append(_WORKER)
    solver.parameters.random_seed = 1
    solver.parameters.max_deterministic_time = effort
    solver.parameters.max_time_in_seconds = seconds
    status, stopped = _solve(solver, model, cancelled)
    if status == cp_model.INFEASIBLE:
        return Found(starts=None, lower_bound=problem.makespan(known), ended=True)
    solved = status in {cp_model.OPTIMAL, cp_model.FEASIBLE}
    bound = max(lower_bound, round(solver.best_objective_bound)) if solved else lower_bound
    ended = status == cp_model.OPTIMAL or (not stopped and solver.wall_time < seconds)
    found = (
        tuple(solver.value(start) for start in starts)
        if solved and solver.value(end) < problem.makespan(known)
        else None
    )
    return Found(starts=found, lower_bound=bound, ended=ended)


def _describe(
    model: cp_model.CpModel, problem: Problem, known: tuple[int, ...], lower_bound: int
) -> tuple[list[cp_model.IntVar], cp_model.IntVar]:
    """Put the problem into the model; the variables of the starts, and of the end."""
    horizon = problem.makespan(known)
    starts = [
        model.new_int_var(problem.release(task), horizon - duration, f"start {task}")
        for task, duration in enumerate(problem.durations)
    ]
    end = model.new_int_var(lower_bound, horizon, "end")
    intervals = [
        model.new_fixed_size_interval_var(start, duration, f"task {task}")
        for task, (start, duration) in enumerate(zip(starts, problem.durations, strict=True))
    ]
    for delay in problem.delays:
        model.add(starts[delay.after] >= starts[delay.before] + delay.periods)
    for resource in range(len(problem.capacities)):
        _limit(model, problem, resource, intervals)
    for start, duration in zip(starts, problem.durations, strict=True):
        model.add(end >= start + duration)
    model.minimize(end)
    for start, value in zip(starts, known, strict=True):
        model.add_hint(start, value)
    model.add_hint(end, horizon)
    return starts, end


def _limit(model: cp_model.CpModel, problem: Problem, resource: int, intervals: list[cp_model.IntervalVar]) -> None:
    """The capacity of a resource; where it is less than its most, a fixed interval takes the difference."""
    steps = problem.capacities[resource]
    most = max(step.capacity for step in steps)
    used = [task for task, row in enumerate(problem.demands) if row[resource] and problem.durations[task]]
    busy, units = [intervals[task] for task in used], [problem.demands[task][resource] for task in used]
    ends = [step.since for step in steps[1:]] + [problem.horizon + 1]
    for step, end in zip(steps, ends, strict=True):
        if step.capacity < most and step.since < end:
            busy.append(model.new_fixed_size_interval_var(step.since, end - step.since, f"less of {resource}"))
            units.append(most - step.capacity)
    model.add_cumulative(busy, units, most)


def _solve(solver: cp_model.CpSolver, model: cp_model.CpModel, cancelled: Callable[[], bool]) -> tuple[object, bool]:
    """The status; and whether the flag was raised."""
    over = threading.Event()
    raised = threading.Event()

    def watch() -> None:
        while not over.wait(_POLL_SECONDS):
            if cancelled():
                raised.set()
                solver.stop_search()

    watcher = threading.Thread(target=watch, name="watch for cancellation", daemon=True)
    watcher.start()
    try:
        return solver.solve(model), raised.is_set()
    finally:
        over.set()
        watcher.join()
