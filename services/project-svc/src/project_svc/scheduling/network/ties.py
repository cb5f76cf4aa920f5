"""How one node holds another: bounds of work, forwards and backwards, between equal and different calendars.

A tie from the start or finish of one node says where the other can begin at the earliest. Within one calendar that is
one addition. Between two it goes by way of a moment; :meth:`Tie.latest` is the exact inverse of :meth:`Tie.earliest`.
"""

from dataclasses import dataclass

from project_svc.scheduling.calendars.worktime import WorkTime
from project_svc.scheduling.network.plan import NO_CONSTRAINT, Constraint, LinkKind


@dataclass(slots=True, kw_only=True)
class Node:
    """A task, or an end of a summary.

    Attributes:
        task: Index of the task.
        clock: The calendar in whose work its times are counted; a milestone's never rests.
        own: The calendar of its lags and of its float.
        remaining: Minutes of ``clock`` from where it can still be moved to its finish.
        constraint: What binds this end.
        deadline: When it should have ended.
    """

    task: int
    clock: WorkTime
    own: WorkTime
    remaining: int = 0
    constraint: Constraint = NO_CONSTRAINT
    deadline: int | None = None


@dataclass(slots=True)
class Tie:
    """A link between nodes, ready for the passes.

    Attributes:
        after: Index of the node that is held.
        from_start: Whether by the start of the one that holds, else by its finish.
        to_finish: Whether it is the finish of the held one that is held, else its start.
        offset: The lag, less what the held node does until the end that is held.
        crosses: Whether the calendars differ, or the lag is by the clock.
        lag: The lag.
        elapsed: Whether it is by the clock.
        holding: The node that holds.
        held: The node that is held.
    """

    after: int
    from_start: bool
    to_finish: bool
    offset: int
    crosses: bool
    lag: int
    elapsed: bool
    holding: Node
    held: Node

    def earliest(self, work: int) -> int:
        """Where the held node can begin, given the work at the end that holds."""
        if not self.crosses:
            return work + self.offset
        clock = self.holding.clock
        moment = clock.start(work) if self.from_start else clock.finish(work)
        if self.elapsed:
            moment += self.lag
        elif self.lag:
            moment = self.held.own.add(moment, self.lag)
        return self.held.clock.work(moment) + self.offset - self.lag

    def latest(self, begin: int) -> int:
        """The latest work at the end that holds, so that the held node can still begin at ``begin``."""
        if not self.crosses:
            return begin - self.offset
        moment = self.held.clock.start(begin + self.lag - self.offset)
        if self.elapsed:
            moment -= self.lag
        elif self.lag:
            moment = _before(self.held.own, moment, self.lag)
        clock = self.holding.clock
        return clock.last_start(moment) if self.from_start else clock.work(moment)


def tie(before: Node, index: int, after: Node, kind: LinkKind, lag: int, *, elapsed: bool) -> Tie:
    """How ``before`` holds ``after``, the node at ``index``."""
    crosses = before.clock is not after.clock or (lag != 0 and (elapsed or after.clock is not after.own))
    offset = lag - after.remaining if kind.to_finish else lag
    return Tie(index, kind.from_start, kind.to_finish, offset, crosses, lag, elapsed, before, after)


def _before(own: WorkTime, moment: int, lag: int) -> int:
    """The latest moment to which ``lag`` can be added without coming after ``moment``."""
    work = own.work(moment) if lag > 0 else own.last_start(moment)
    return own.start(work - lag)
