"""Schedules by priority rules, serial and parallel: what ordinary software gives, and where the search begins.

The rules are those of Kolisch, *Serial and parallel resource-constrained project scheduling methods revisited*
(EJOR 90, 1996): latest finish time, latest start time, most total successors, greatest rank positional weight; and
the most work that still depends on a task.
"""

from collections.abc import Mapping
from enum import StrEnum

import numpy as np

from project_svc.scheduling.rcpsp.bounds import Reach
from project_svc.scheduling.rcpsp.compiled import Bools, Compiled, Ints
from project_svc.scheduling.rcpsp.problem import Problem
from project_svc.scheduling.rcpsp.sgs import serial_schedules


class Rule(StrEnum):
    """By what the next task is chosen."""

    LATEST_FINISH = "LFT"
    LATEST_START = "LST"
    TOTAL_SUCCESSORS = "MTS"
    POSITIONAL_WEIGHT = "GRPW"
    DEPENDENT_WORK = "GCUMRD"


def priorities(problem: Problem, compiled: Compiled, reached: Reach) -> Mapping[Rule, Ints]:
    """Of each rule, [task] its key; the smallest goes first."""
    durations = compiled.durations
    latest_start = reached.critical_path - reached.tails
    successors = _successors(compiled)
    direct = np.zeros_like(successors)
    for delay in problem.delays:
        direct[delay.before, delay.after] = True
    work = durations * np.array(problem.demands, dtype=np.int64).reshape(problem.size, -1).sum(axis=1)
    return {
        Rule.LATEST_FINISH: latest_start + durations,
        Rule.LATEST_START: latest_start,
        Rule.TOTAL_SUCCESSORS: -successors.sum(axis=1),
        Rule.POSITIONAL_WEIGHT: -(durations + direct @ durations),
        Rule.DEPENDENT_WORK: -(work + successors @ work),
    }


def serial_schedule(compiled: Compiled, keys: Ints) -> Ints:
    """[task] starts of the serial schedule: of the tasks whose predecessors are placed, the least key is next."""
    starts: Ints = serial_schedules(compiled, np.array([_eligible_first(compiled, keys)]))[0]
    return starts


def parallel_schedule(compiled: Compiled, keys: Ints) -> Ints:
    """[task] starts of the parallel schedule: from moment to moment, all start that can, the least key first."""
    size = compiled.size
    starts = np.full(size + 1, -1, dtype=np.int64)
    free = compiled.free.copy()
    waiting = np.lexsort((compiled.ranks, keys)).tolist()
    moment = 0
    while waiting:
        later: list[int] = []
        left: list[int] = []
        for task in waiting:
            ready = _ready(compiled, starts, task)
            if ready is None or ready > moment or not _fits(compiled, free, task, moment):
                left.append(task)
                later += [ready] if ready is not None and ready > moment else []
                continue
            starts[task] = moment
            free[:, moment : moment + compiled.durations[task]] -= compiled.demands[:, task, None]
        moment = _next(compiled, starts, moment, later, stuck=len(left) == len(waiting))
        waiting = left
    return starts[:size]


def _next(compiled: Compiled, starts: Ints, moment: int, later: list[int], *, stuck: bool) -> int:
    """The next moment at which something may start: an end, a release, a change of capacity."""
    if not stuck:
        return moment  # a task without duration may have let others start at once
    ends = starts[:-1] + compiled.durations
    coming = [*ends[(starts[:-1] >= 0) & (ends > moment)].tolist(), *later]
    coming += compiled.steps[compiled.steps > moment].tolist()
    return int(min(coming))


def _ready(compiled: Compiled, starts: Ints, task: int) -> int | None:
    before = compiled.before[task]
    held = before[before < compiled.size]
    if len(held) and starts[held].min() < 0:
        return None
    bounds = starts[held] + compiled.delays[task, : len(held)]
    return max(int(compiled.releases[task]), int(bounds.max(initial=0)))


def _fits(compiled: Compiled, free: Ints, task: int, moment: int) -> bool:
    window = free[:, moment : moment + compiled.durations[task]] - compiled.demands[:, task, None]
    guards = compiled.guards[:, None]
    return bool(((window & guards) == guards).all())


def _eligible_first(compiled: Compiled, keys: Ints) -> Ints:
    """Tasks in the order of a rule among those whose predecessors are placed."""
    placed = np.zeros(compiled.size + 1, dtype=np.bool_)
    placed[-1] = True
    order = np.lexsort((compiled.ranks, keys))
    found = np.empty(compiled.size, dtype=np.int64)
    for position in range(compiled.size):
        open_tasks = order[~placed[order]]
        task = open_tasks[placed[compiled.before[open_tasks]].all(axis=1).argmax()]
        placed[task] = True
        found[position] = task
    return found


def _successors(compiled: Compiled) -> Bools:
    """[task, task] whether the second waits for the first, directly or not."""
    size = compiled.size
    found = np.zeros((size + 1, size), dtype=np.bool_)
    for task in compiled.order:
        before = compiled.before[task]
        found[before, task] = True
    for task in compiled.order[::-1]:
        after = np.flatnonzero(found[task])
        found[task] |= found[after].any(axis=0)
    return found[:size]
