"""A plan as a graph: a node for each task without children, two for a summary where something is tied to it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from project_svc.scheduling.calendars.rules import AROUND_THE_CLOCK, Rules
from project_svc.scheduling.calendars.worktime import Source, WorkTime
from project_svc.scheduling.calendars.zones import datetime_of
from project_svc.scheduling.network.plan import (
    NO_CONSTRAINT,
    ConstraintKind,
    CycleError,
    Link,
    LinkKind,
    Plan,
    PlanError,
    Task,
)
from project_svc.scheduling.network.ties import Node, Tie, tie

_ELAPSED = Rules(week=(AROUND_THE_CLOCK,) * 7)
_OF_SUMMARIES = {
    ConstraintKind.AS_SOON_AS_POSSIBLE,
    ConstraintKind.START_NO_EARLIER_THAN,
    ConstraintKind.FINISH_NO_LATER_THAN,
}
_DATELESS = {ConstraintKind.AS_SOON_AS_POSSIBLE, ConstraintKind.AS_LATE_AS_POSSIBLE}


@dataclass(slots=True, kw_only=True)
class Graph:
    """Nodes and ties; the node of a task without children has the task's index.

    Attributes:
        plan: What it is the graph of.
        elapsed: The calendar that never rests.
        nodes: Of tasks, then of ends of summaries.
        ties: [node] what it holds.
        summaries: Indexes of the tasks that have children, children before their parents.
        parents: [task] index of its summary, -1 for none.
    """

    plan: Plan
    elapsed: WorkTime
    nodes: list[Node] = field(default_factory=list)
    ties: list[list[Tie]] = field(default_factory=list)
    summaries: list[int] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)


def build(plan: Plan) -> Graph:
    """The graph of a plan.

    Raises:
        PlanError: Something in it means nothing; a :class:`CycleError` if a task is inside itself.
    """
    return _Builder(plan).graph


class _Builder:
    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._anchor = datetime_of(plan.start).date()
        self._compiled: dict[Source, WorkTime] = {}
        self._index: dict[str, int] = {}
        for index, task in enumerate(plan.tasks):
            if self._index.setdefault(task.id, index) != index:
                raise PlanError(task.id, "is there twice")
        self.graph = Graph(plan=plan, elapsed=WorkTime(_ELAPSED, self._anchor))
        self._tree()
        self.graph.nodes = [self._node(index, task) for index, task in enumerate(plan.tasks)]
        self.graph.ties = [[] for _ in plan.tasks]
        self._starts: dict[int, int] = {}
        self._finishes: dict[int, int] = {}
        self._bind()

    def _tree(self) -> None:
        tasks, graph = self._plan.tasks, self.graph
        self._children: dict[int, list[int]] = {}
        for index, task in enumerate(tasks):
            parent = -1 if task.parent is None else self._at(task.parent, task.id)
            graph.parents.append(parent)
            if parent >= 0:
                self._children.setdefault(parent, []).append(index)
        reached = [index for index, parent in enumerate(graph.parents) if parent < 0]
        for index in reached:
            reached += self._children.get(index, ())
        if len(reached) < len(tasks):
            raise CycleError([tasks[index].id for index in _loop(graph.parents, set(reached))])
        graph.summaries = [index for index in reversed(reached) if index in self._children]

    def _node(self, index: int, task: Task) -> Node:
        if task.duration < 0 or (task.progress and task.progress.remaining < 0):
            raise PlanError(task.id, "has a negative duration")
        if (task.constraint.moment is None) != (task.constraint.kind in _DATELESS):
            raise PlanError(task.id, f"{task.constraint.kind} has a date that it should not have, or none")
        if index in self._children and (task.constraint.kind not in _OF_SUMMARIES or task.progress):
            raise PlanError(task.id, "is a summary: it has SNET or FNLT at most, and the progress of its tasks")
        own = self._calendar(task)
        elapsed = self.graph.elapsed
        if index in self._children:
            return Node(task=index, clock=elapsed, own=own)
        remaining = task.progress.remaining if task.progress else task.duration
        clock = own if task.duration or remaining else elapsed
        return Node(
            task=index, clock=clock, own=own, remaining=remaining, constraint=task.constraint, deadline=task.deadline
        )

    def _calendar(self, task: Task) -> WorkTime:
        """The calendar of a task; equal ones are compiled once, and are one to the passes."""
        source = self._plan.calendars.get(task.calendar)
        if source is None:
            raise PlanError(task.id, f"has a calendar that is not there: {task.calendar}")
        own = self._compiled.get(source)
        if own is None:
            own = self._compiled[source] = WorkTime(source, self._anchor)
        return own

    def _bind(self) -> None:
        for link in self._plan.links:
            before, after = self._at(link.before, link.after), self._at(link.after, link.before)
            if before in self._children or after in self._children:
                before, after = self._ends(link, before, after)
            self._tie(before, after, link.kind, link.lag, elapsed=link.elapsed)
        for index in self.graph.summaries:
            task = self._plan.tasks[index]
            if task.constraint.kind is ConstraintKind.START_NO_EARLIER_THAN:
                self._start_of(index)
            if task.constraint.kind is ConstraintKind.FINISH_NO_LATER_THAN or task.deadline is not None:
                self._finish_of(index)

    def _ends(self, link: Link, before: int, after: int) -> tuple[int, int]:
        """The nodes that a link with a summary is between."""
        if before in self._children:
            if link.kind.from_start:
                raise PlanError(link.before, "is a summary: only its finish can hold others (FS, FF)")
            before = self._finish_of(before)
        if after in self._children:
            if link.kind.to_finish:
                raise PlanError(link.after, "is a summary: only its start can be held (FS, SS)")
            after = self._start_of(after)
        return before, after

    def _tie(self, before: int, after: int, kind: LinkKind, lag: int = 0, *, elapsed: bool = False) -> None:
        nodes = self.graph.nodes
        self.graph.ties[before].append(tie(nodes[before], after, nodes[after], kind, lag, elapsed=elapsed))

    def _start_of(self, summary: int) -> int:
        """The node that holds the starts of all tasks of a summary; made when it is first asked for."""
        for index in self._missing(summary, self._starts):
            for child in self._children[index]:
                target = self._starts.get(child, child)
                self._tie(self._starts[index], target, LinkKind.START_TO_START)
        return self._starts[summary]

    def _finish_of(self, summary: int) -> int:
        """The node at which the last task of a summary has ended; made when it is first asked for."""
        for index in self._missing(summary, self._finishes):
            for child in self._children[index]:
                origin = self._finishes.get(child, child)
                self._tie(origin, self._finishes[index], LinkKind.FINISH_TO_FINISH)
        return self._finishes[summary]

    def _missing(self, summary: int, made: dict[int, int]) -> Sequence[int]:
        """Makes the nodes of a summary, and of the summaries in it, that are not there yet."""
        missing = [] if summary in made else [summary]
        for index in missing:
            missing += [child for child in self._children[index] if child in self._children and child not in made]
            made[index] = len(self.graph.nodes)
            self.graph.nodes.append(self._end(index, starts=made is self._starts))
            self.graph.ties.append([])
        return missing

    def _end(self, index: int, *, starts: bool) -> Node:
        task, elapsed = self._plan.tasks[index], self.graph.elapsed
        holds = ConstraintKind.START_NO_EARLIER_THAN if starts else ConstraintKind.FINISH_NO_LATER_THAN
        return Node(
            task=index,
            clock=elapsed,
            own=self.graph.nodes[index].own,
            constraint=task.constraint if task.constraint.kind is holds else NO_CONSTRAINT,
            deadline=None if starts else task.deadline,
        )

    def _at(self, id: str, other: str) -> int:
        found = self._index.get(id)
        if found is None:
            raise PlanError(other, f"refers to {id}, which is not there")
        return found


def _loop(parents: Sequence[int], outside: set[int]) -> Iterator[int]:
    index = next(index for index in range(len(parents)) if index not in outside)
    seen: dict[int, None] = {}
    while index not in seen:
        seen[index] = None
        index = parents[index]
    path = list(seen)
    yield from path[path.index(index) :]
