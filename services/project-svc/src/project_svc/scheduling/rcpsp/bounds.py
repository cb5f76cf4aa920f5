"""Heads, tails, and lower bounds of the makespan that are proven without search."""

from typing import NamedTuple

import numpy as np

from project_svc.scheduling.rcpsp.compiled import Compiled, Ints
from project_svc.scheduling.rcpsp.problem import Problem


class Reach(NamedTuple):
    """What precedence alone says.

    Attributes:
        heads: [task] when it can start at the earliest.
        tails: [task] periods from its start to the end of the project, at least.
    """

    heads: Ints
    tails: Ints

    @property
    def critical_path(self) -> int:
        """The makespan if resources were plenty."""
        return int((self.heads + self.tails).max(initial=0))


def reach(forwards: Compiled, backwards: Compiled) -> Reach:
    """Heads and tails; ``backwards`` is the problem reversed in time."""
    before_end = _earliest(backwards, np.zeros_like(backwards.releases))
    return Reach(_earliest(forwards, forwards.releases), before_end + forwards.durations)


def lower_bound(problem: Problem, reached: Reach) -> int:
    """The larger of the critical path and the energy bound.

    Energy: all tasks with head at least *h* and tail after their end at least *q* have to be worked off by each
    resource between *h* and *q* before the end (energetic reasoning; Baptiste, Le Pape, Nuijten, 1999).
    """
    durations = np.array(problem.durations, dtype=np.int64)
    after = reached.tails - durations
    best = reached.critical_path
    for resource, steps in enumerate(problem.capacities):
        energy = durations * np.array([row[resource] for row in problem.demands], dtype=np.int64)
        used = energy > 0
        supply = np.zeros(problem.horizon + 1, dtype=np.int64)
        for step in steps:
            supply[step.since + 1 :] = step.capacity
        supplied = supply.cumsum()
        for head in np.unique(reached.heads[used]):
            inside = used & (reached.heads >= head)
            tails, position = np.unique(after[inside], return_inverse=True)
            amounts = np.bincount(position, weights=energy[inside]).astype(np.int64)[::-1].cumsum()[::-1]
            ends = np.searchsorted(supplied, supplied[head] + amounts)
            best = max(best, int((ends + tails).max()))
    return best


def _earliest(compiled: Compiled, releases: Ints) -> Ints:
    found = np.append(releases, 0)
    for task in compiled.order:
        bounds = found[compiled.before[task]] + compiled.delays[task]
        found[task] = max(int(found[task]), int(bounds.max(initial=0)))
    return found[:-1]
