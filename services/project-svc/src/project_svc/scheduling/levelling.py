"""Levelling: tasks are delayed until those whom they need are free, and each delay is explained.

Serial schedule generation on the calendars of the plan: of the tasks whose predecessors are placed, the one with the
least late start goes next unless ranks say otherwise, and begins as soon as its resources are free until its end.
Nobody works on something else in the pauses of a task.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from project_svc.scheduling.network.cpm import read_out
from project_svc.scheduling.network.graph import Graph, build
from project_svc.scheduling.network.passes import Times, forward
from project_svc.scheduling.network.plan import Plan, PlanError
from project_svc.scheduling.network.schedule import Schedule


class ShortageError(PlanError):
    """A task that can never have what it needs.

    Attributes:
        resource: Of which there will never be enough.
    """

    def __init__(self, task: str, resource: str) -> None:
        self.resource = resource
        super().__init__(task, f"needs more of {resource} than there will ever be")


class Supply(NamedTuple):
    """From the moment ``since`` on, so many units of a resource are there (a person: 100 per cent)."""

    since: int
    units: int


class Assignment(NamedTuple):
    """A task needs so many units of a resource from its start to its finish."""

    task: str
    resource: str
    units: int


class Wait(NamedTuple):
    """Why a task was delayed.

    Attributes:
        task: Which.
        resource: What it waited for.
        since: When it could have begun otherwise.
        until: When enough was free; it may then have waited for something else.
        holders: The tasks that held the resource until then; none if there was too little of it.
    """

    task: str
    resource: str
    since: int
    until: int
    holders: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Levelling:
    """A plan without overloads.

    Attributes:
        schedule: Its dates; floats are those of links and dates alone.
        waits: Every delay, in the order in which the tasks were placed.
    """

    schedule: Schedule
    waits: tuple[Wait, ...]


def levelled(
    plan: Plan,
    supplies: Mapping[str, Sequence[Supply]],
    assignments: Sequence[Assignment],
    ranks: Mapping[str, int] | None = None,
) -> Levelling:
    """The schedule of a plan in which no resource is needed more than it is there.

    Constraints that it breaks are in the schedule's ``conflicts``. Tasks in progress go on where they are.

    Args:
        plan: Tasks, links, calendars.
        supplies: By resource, its units over time, in order; before the first there is nothing.
        assignments: Who works on what.
        ranks: Of tasks; of two that can go next the one of lower rank does, whatever their late starts. 0 if not there.

    Raises:
        ShortageError: A task needs more of something than there will ever be.
        PlanError: An assignment is of a summary, or of no task; or the plan means nothing.
    """
    graph = build(plan)
    times = forward(graph)
    read_out(graph, times)  # for the late dates
    leveller = _Leveller(graph, times, supplies, _needs(plan, supplies, assignments), ranks or {})
    leveller.run()
    return Levelling(schedule=read_out(graph, times), waits=tuple(leveller.waits))


def _needs(
    plan: Plan, supplies: Mapping[str, Sequence[Supply]], assignments: Sequence[Assignment]
) -> dict[int, dict[str, int]]:
    index = {task.id: position for position, task in enumerate(plan.tasks)}
    parents = {task.parent for task in plan.tasks}
    needs: dict[int, dict[str, int]] = {}
    for task, resource, units in assignments:
        if task not in index or task in parents:
            raise PlanError(task, "cannot have an assignment: it is a summary, or not there")
        own = needs.setdefault(index[task], {})
        own[resource] = own.get(resource, 0) + units
        if not supplies.get(resource) or own[resource] > supplies[resource][-1].units:
            raise ShortageError(task, resource)
    return needs


class _Booking(NamedTuple):
    begin: int
    end: int
    units: int
    node: int


@dataclass(slots=True)
class _Leveller:
    graph: Graph
    times: Times
    supplies: Mapping[str, Sequence[Supply]]
    needs: Mapping[int, Mapping[str, int]]
    ranks: Mapping[str, int]
    waits: list[Wait] = field(default_factory=list)
    booked: dict[str, list[_Booking]] = field(default_factory=dict)

    def run(self) -> None:
        """Place every node; ``times.early`` becomes where it is placed."""
        times = self.times
        early = times.early = [bounds.least for bounds in times.bounds]
        times.driver = [-1] * len(early)
        waiting = [0] * len(early)
        for ties in self.graph.ties:
            for tie in ties:
                waiting[tie.after] += 1
        ready = [self._priority(index) for index, count in enumerate(waiting) if not count]
        heapify(ready)
        while ready:
            index = heappop(ready)[-1]
            self._place(index)
            for after in self._push(index):
                waiting[after] -= 1
                if not waiting[after]:
                    heappush(ready, self._priority(after))

    def _priority(self, index: int) -> tuple[bool, int, int, int]:
        """What has begun, then by rank, then by late start as a moment."""
        begun = self.times.bounds[index].started is not None
        rank = self.ranks.get(self._name(index), 0)
        return not begun, rank, self.graph.nodes[index].clock.start(self.times.late[index]), index

    def _push(self, index: int) -> list[int]:
        """Hand the place of a node on to those that it holds."""
        times, bounds = self.times, self.times.bounds[index]
        begin = times.early[index]
        finish = begin if bounds.ended else begin + self.graph.nodes[index].remaining
        start = begin if bounds.started is None else bounds.started
        for tie in self.graph.ties[index]:
            bound = tie.earliest(start if tie.from_start else finish)
            after, early = tie.after, times.early[tie.after]
            if not times.bounds[after].ended and (bound > early or (bound == early and times.driver[after] < 0)):
                times.early[after] = bound
                times.driver[after] = index
        return [tie.after for tie in self.graph.ties[index]]

    def _place(self, index: int) -> None:
        node, bounds, needs = self.graph.nodes[index], self.times.bounds[index], self.needs.get(index, {})
        if not node.remaining or bounds.ended or not needs:
            return
        wanted = node.clock.start(self.times.early[index])
        begin = wanted
        while bounds.started is None and (blocked := self._blocked(index, begin)):
            resource, until, holders = blocked
            names = tuple(self._name(holder) for holder in holders)
            self.waits.append(Wait(self._name(index), resource, begin, until, names))
            self.times.early[index] = node.clock.work(until)
            self.times.driver[index] = holders[0] if holders else -1
            begin = node.clock.start(self.times.early[index])
        end = node.clock.finish(self.times.early[index] + node.remaining)
        for resource, units in needs.items():
            self.booked.setdefault(resource, []).append(_Booking(begin, end, units, index))

    def _blocked(self, index: int, begin: int) -> tuple[str, int, tuple[int, ...]] | None:
        """What is short for a task that begins then, until when, and who holds it."""
        node = self.graph.nodes[index]
        end = node.clock.finish(node.clock.work(begin) + node.remaining)
        for resource, units in self.needs[index].items():
            others = [one for one in self.booked.get(resource, ()) if one.begin < end and begin < one.end]
            for moment in sorted({begin, *self._changes(resource, others, begin, end)}):
                using = [one for one in others if one.begin <= moment < one.end]
                if sum(one.units for one in using) + units > self._supply(resource, moment):
                    return self._until(resource, moment, using)
        return None

    def _changes(self, resource: str, others: Sequence[_Booking], begin: int, end: int) -> list[int]:
        steps = [step.since for step in self.supplies[resource] if begin < step.since < end]
        return steps + [one.begin for one in others if one.begin > begin]

    def _until(self, resource: str, moment: int, using: Sequence[_Booking]) -> tuple[str, int, tuple[int, ...]]:
        """The next moment at which there is more of a resource than at ``moment``."""
        ends = [one.end for one in using]
        steps = [step.since for step in self.supplies[resource] if step.since > moment]
        until = min(ends + steps)
        return resource, until, tuple(one.node for one in using)

    def _supply(self, resource: str, moment: int) -> int:
        return next((step.units for step in reversed(self.supplies[resource]) if step.since <= moment), 0)

    def _name(self, index: int) -> str:
        return self.graph.plan.tasks[self.graph.nodes[index].task].id
