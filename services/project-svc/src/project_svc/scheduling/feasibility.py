"""The judge of schedules: says what is wrong with one, by the definition alone.

It shares nothing with what makes schedules, neither code nor types, and looks at each moment at which anything
changes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Breach(StrEnum):
    """What can be wrong."""

    COUNT = "count"
    RELEASE = "release"
    DELAY = "delay"
    CAPACITY = "capacity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One thing that is wrong.

    Attributes:
        breach: What.
        tasks: Which tasks have part in it.
        resource: Of which too much is used.
        period: When, for a resource.
    """

    breach: Breach
    tasks: tuple[int, ...] = ()
    resource: int | None = None
    period: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What a schedule has to keep to.

    Attributes:
        durations: Of each task.
        delays: ``(before, after, periods)``: the second starts so long after the start of the first, at least.
        demands: Of each task, of each resource, in each period that it runs.
        capacities: Of each resource, ``(since, units)`` in order of time, the first from period 0.
        releases: Of each task, before when it must not start; nothing if empty.
    """

    durations: Sequence[int]
    delays: Sequence[tuple[int, int, int]]
    demands: Sequence[Sequence[int]]
    capacities: Sequence[Sequence[tuple[int, int]]]
    releases: Sequence[int] = ()


def violations(case: Case, starts: Sequence[int]) -> list[Violation]:
    """Everything that is wrong with the starts of a schedule; nothing if it is feasible."""
    if len(starts) != len(case.durations):
        return [Violation(breach=Breach.COUNT)]
    releases = case.releases or [0] * len(starts)
    early = [task for task, start in enumerate(starts) if start < max(releases[task], 0)]
    found = [Violation(breach=Breach.RELEASE, tasks=(task,)) for task in early]
    for before, after, periods in case.delays:
        if starts[after] - starts[before] < periods:
            found.append(Violation(breach=Breach.DELAY, tasks=(before, after)))
    return found + list(_overloads(case, starts))


def _overloads(case: Case, starts: Sequence[int]) -> Iterator[Violation]:
    """Too much in use; it can begin only where a task starts or a capacity changes."""
    changes = {since for steps in case.capacities for since, _ in steps}
    for period in sorted({*starts, *changes}):
        running = [t for t, start in enumerate(starts) if start <= period < start + case.durations[t]]
        for resource, steps in enumerate(case.capacities):
            capacity = [units for since, units in steps if since <= period]
            users = tuple(task for task in running if case.demands[task][resource])
            if sum(case.demands[task][resource] for task in users) > (capacity[-1] if capacity else 0):
                yield Violation(breach=Breach.CAPACITY, tasks=users, resource=resource, period=period)
