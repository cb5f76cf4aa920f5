"""What is to be scheduled: durations, minimum delays between starts, demands on resources with changing capacity."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import gcd
from typing import NamedTuple, Self


class Delay(NamedTuple):
    """``after`` starts at least ``periods`` after the start of ``before``; negative lets it start sooner.

    With fixed durations every link is of this form: finish-to-start with a lag is ``duration(before) + lag``.
    """

    before: int
    after: int
    periods: int


class Step(NamedTuple):
    """From period ``since`` on a resource has this ``capacity``."""

    since: int
    capacity: int


class UnschedulableError(Exception):
    """No schedule exists.

    Attributes:
        tasks: The tasks that make it impossible: a cycle in its order, or one whose demand is never met.
        resource: Of which the demand is never met; None for a cycle.
    """

    def __init__(self, tasks: Sequence[int], resource: int | None = None) -> None:
        self.tasks = tuple(tasks)
        self.resource = resource
        reason = "wait for each other" if resource is None else f"need more of resource {resource} than there will be"
        super().__init__(f"tasks {', '.join(map(str, self.tasks))} {reason}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """An instance of the RCPSP with minimum delays, release dates and renewable resources.

    Attributes:
        durations: Periods of each task, without interruption; 0 for a milestone.
        delays: Minimum delays between starts.
        demands: Of each task, units of each resource in every period that it runs.
        capacities: Of each resource, its steps in time; the first begins at 0, the last holds for ever.
        releases: Of each task, the period before which it does not start; all 0 if empty.
    """

    durations: tuple[int, ...]
    delays: tuple[Delay, ...]
    demands: tuple[tuple[int, ...], ...]
    capacities: tuple[tuple[Step, ...], ...]
    releases: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no schedule can serve in the long run.

        Raises:
            UnschedulableError: A task needs more of a resource than there is after its last step.
            ValueError: The parts do not fit each other.
        """
        if len(self.demands) != self.size or len(self.releases) not in {0, self.size}:
            raise ValueError("there is a demand, and a release or none, for each task")
        if any(not steps or steps[0].since != 0 for steps in self.capacities):
            raise ValueError("the capacity of a resource begins at period 0")
        if any(len(demand) != len(self.capacities) for demand in self.demands):
            raise ValueError("a demand names each resource")
        if min((*self.durations, *self.releases, *(unit for row in self.demands for unit in row)), default=0) < 0:
            raise ValueError("durations, releases and demands are not negative")
        for task, resource in self._unserved():
            raise UnschedulableError([task], resource)

    @property
    def size(self) -> int:
        """How many tasks."""
        return len(self.durations)

    @property
    def last_step(self) -> int:
        """The period from which all capacities stay as they are."""
        return max((steps[-1].since for steps in self.capacities), default=0)

    @property
    def horizon(self) -> int:
        """Periods within which a schedule exists: one task after the other, when capacities have come to rest."""
        longest = list(self.durations)
        for delay in self.delays:
            longest[delay.before] = max(longest[delay.before], delay.periods)
        return sum(longest) + max(self.releases, default=0) + self.last_step

    def release(self, task: int) -> int:
        """The period before which a task does not start."""
        return self.releases[task] if self.releases else 0

    def makespan(self, starts: Sequence[int]) -> int:
        """When the last task of a schedule ends."""
        return max((start + duration for start, duration in zip(starts, self.durations, strict=True)), default=0)

    def scaled(self) -> tuple[Self, int]:
        """The same in the longest periods that describe it exactly, and how many of ours one of these is."""
        unit = gcd(
            *self.durations,
            *self.releases,
            *(delay.periods for delay in self.delays),
            *(step.since for steps in self.capacities for step in steps),
        )
        if unit <= 1:
            return self, 1
        return (
            type(self)(
                durations=tuple(one // unit for one in self.durations),
                delays=tuple(Delay(one.before, one.after, one.periods // unit) for one in self.delays),
                demands=self.demands,
                capacities=tuple(tuple(Step(one.since // unit, one.capacity) for one in s) for s in self.capacities),
                releases=tuple(one // unit for one in self.releases),
            ),
            unit,
        )

    def _unserved(self) -> Iterator[tuple[int, int]]:
        for task, row in enumerate(self.demands):
            for resource, units in enumerate(row):
                if self.durations[task] and units > self.capacities[resource][-1].capacity:
                    yield task, resource
