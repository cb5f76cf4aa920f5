"""What a schedule says: dates and floats of each task, the critical path, what holds what."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from project_svc.scheduling.network.plan import Conflict


class Dates(NamedTuple):
    """Dates of a task, as moments; floats in working minutes of its calendar.

    Attributes:
        start: When it is scheduled to start, or did.
        finish: When it is scheduled to end, or did.
        early_start: When it can start at the earliest.
        early_finish: When it then ends.
        late_start: When it must start for the plan to end as it does, and for deadlines to be kept.
        late_finish: When it must end for that.
        total_float: By how much it can move without moving the end; negative if a deadline is missed.
        free_float: By how much it can move without moving any other task.
        critical: Whether it has no float left and is not over.
    """

    start: int
    finish: int
    early_start: int
    early_finish: int
    late_start: int
    late_finish: int
    total_float: int
    free_float: int
    critical: bool


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """The dates of a plan.

    Attributes:
        start: When the first task starts.
        finish: When the last one ends.
        dates: By task, in the order of the plan.
        drivers: By task, in the order of links, the one that holds it where it is; None where that is a date.
        conflicts: Constraints that do not hold; none unless they were to be tolerated.
        held: By critical task, the critical tasks that it holds without slack.
    """

    start: int
    finish: int
    dates: Mapping[str, Dates]
    drivers: Mapping[str, str | None]
    conflicts: tuple[Conflict, ...]
    held: Mapping[str, Sequence[str]]

    @property
    def critical(self) -> tuple[str, ...]:
        """The critical tasks, by early start."""
        found = [name for name, dates in self.dates.items() if dates.critical]
        return tuple(sorted(found, key=lambda name: (self.dates[name].early_start, self.dates[name].early_finish)))

    @cached_property
    def critical_path(self) -> tuple[str, ...]:
        """The tasks that hold the end of the plan, from the first to the last."""
        ends = [name for name in self.drivers if self.dates[name].early_finish == self.finish]
        return self.path_to(ends[-1]) if ends else ()

    def path_to(self, task: str) -> tuple[str, ...]:
        """The tasks that hold ``task`` back, from the first to it."""
        path: list[str] = []
        name: str | None = task
        while name is not None:
            path.append(name)
            name = self.drivers.get(name)
        return tuple(reversed(path))

    def critical_paths(self, limit: int = 100) -> tuple[tuple[str, ...], ...]:
        """All chains of critical tasks without slack; there can be very many, so no more than ``limit``."""
        return tuple(islice(self._chains(), limit))

    def _chains(self) -> Iterator[tuple[str, ...]]:
        inner = {after for others in self.held.values() for after in others}
        stack: list[tuple[str, ...]] = [
            (name,) for name in reversed(self.critical) if name in self.held and name not in inner
        ]
        while stack:
            path = stack.pop()
            others = self.held[path[-1]]
            if not others:
                yield path
            stack += [(*path, other) for other in reversed(others)]
