"""How one node holds another: bounds of work, forwards and backwards, between equal and different calendars.

A tie from the start or finish of one node says where the other can begin at the earliest. Within one calendar that is
one addition. Between two it goes by way of a moment; :meth:`Tie.latest` is the exact inverse of :meth:`Tie.earliest`.
"""

from dataclasses import dataclass

from project_svc.scheduling.calendars.worktime import WorkTime
from project_svc.scheduling.network.graph import Edge, Graph, Node


@dataclass(slots=True)
class Tie:
    """An edge, ready for the passes.

    Attributes:
        before: The node that holds.
        after: The node that is held.
        from_start: Whether by its start, else by its finish.
        offset: Work added to the holding end, less what the held node does until the end that is held.
        crosses: Whether the calendars differ, or the lag is by the clock.
        lag: The lag, where ``crosses``.
        elapsed: Whether it is by the clock.
        clocks: Of the two nodes; and the calendar of the lag.
        done: Work of the held node until the end that is held.
    """

    before: int
    after: int
    from_start: bool
    offset: int
    crosses: bool
    lag: int
    elapsed: bool
    clocks: tuple[WorkTime, WorkTime, WorkTime]
    done: int

    def earliest(self, work: int) -> int:
        """Where the held node can begin, given the work at the end that holds."""
        if not self.crosses:
            return work + self.offset
        held, holding, own = self.clocks
        moment = holding.start(work) if self.from_start else holding.finish(work)
        if self.elapsed:
            return held.work(moment + self.lag) - self.done
        if self.lag:
            moment = own.add(moment, self.lag)
        return held.work(moment) - self.done

    def latest(self, begin: int) -> int:
        """The latest work at the end that holds, so that the held node can still begin at ``begin``."""
        if not self.crosses:
            return begin - self.offset
        held, holding, own = self.clocks
        moment = held.start(begin + self.done)
        if self.elapsed:
            moment -= self.lag
        elif self.lag:
            moment = _before(own, moment, self.lag)
        return holding.last_start(moment) if self.from_start else holding.work(moment)


def _before(own: WorkTime, moment: int, lag: int) -> int:
    """The latest moment to which ``lag`` can be added without coming after ``moment``."""
    work = own.work(moment) if lag > 0 else own.last_start(moment)
    return own.start(work - lag)


def ties_of(graph: Graph) -> list[list[Tie]]:
    """[node] what it holds."""
    ties: list[list[Tie]] = [[] for _ in graph.nodes]
    for edge in graph.edges:
        ties[edge.before].append(_tie(edge, graph.nodes[edge.before], graph.nodes[edge.after]))
    return ties


def _tie(edge: Edge, before: Node, after: Node) -> Tie:
    crosses = before.clock is not after.clock or (edge.lag != 0 and (edge.elapsed or after.clock is not after.own))
    done = after.remaining if edge.kind.to_finish else 0
    return Tie(
        before=edge.before,
        after=edge.after,
        from_start=edge.kind.from_start,
        offset=edge.lag - done,
        crosses=crosses,
        lag=edge.lag,
        elapsed=edge.elapsed,
        clocks=(after.clock, before.clock, after.own),
        done=done,
    )
