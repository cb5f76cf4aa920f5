"""The two passes: early dates in topological order, late dates and floats against it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from project_svc.scheduling.network.bounds import ANY_TIME, Bounds, BoundsOf
from project_svc.scheduling.network.graph import Graph
from project_svc.scheduling.network.plan import Conflict, ConstraintKind, CycleError
from project_svc.scheduling.network.ties import Tie


@dataclass(slots=True, kw_only=True)
class Times:
    """Work at which each node begins (its remaining part), early, late and as scheduled.

    Attributes:
        order: Nodes, those that hold before those that are held.
        bounds: [node] what dates and progress say.
        early: [node] where its remaining part can begin.
        driver: [node] the node that holds it back to ``early``; -1 if that is no node.
        late: [node] where it can begin without moving the end.
        scheduled: [node] ``early``, or later for as late as possible.
        free: [node] by how much it can move without moving others.
    """

    order: list[int] = field(default_factory=list)
    bounds: list[Bounds] = field(default_factory=list)
    early: list[int] = field(default_factory=list)
    driver: list[int] = field(default_factory=list)
    late: list[int] = field(default_factory=list)
    scheduled: list[int] = field(default_factory=list)
    free: list[int] = field(default_factory=list)


def forward(graph: Graph) -> Times:
    """Early times.

    Raises:
        CycleError: Tasks wait for each other.
    """
    tasks, nodes = graph.plan.tasks, graph.nodes
    times = Times()
    bounds_of = BoundsOf(graph.plan)
    times.bounds = [bounds_of(node, tasks[node.task].progress) for node in nodes]
    early = times.early = [bounds.least for bounds in times.bounds]
    driver = times.driver = [-1] * len(nodes)
    waiting = [0] * len(nodes)
    for ties in graph.ties:
        for tie in ties:
            waiting[tie.after] += 1
    order = times.order = [index for index, count in enumerate(waiting) if not count]
    for index in order:
        bounds = times.bounds[index]
        begin = early[index]
        finish = begin if bounds.ended else begin + nodes[index].remaining
        start = begin if bounds.started is None else bounds.started
        for tie in graph.ties[index]:
            after, at = tie.after, start if tie.from_start else finish
            bound = tie.earliest(at) if tie.crosses else at + tie.offset
            if not times.bounds[after].ended and (
                bound > early[after] or (bound == early[after] and driver[after] < 0)
            ):
                early[after] = bound
                driver[after] = index
            waiting[after] -= 1
            if not waiting[after]:
                order.append(after)
    if len(order) < len(nodes):
        raise CycleError(_cycle(graph, waiting))
    return times


def backward(graph: Graph, times: Times, end: int) -> None:
    """Late and scheduled times, and free float, counted back from the moment ``end``."""
    count = len(graph.nodes)
    times.late, times.scheduled, times.free = [0] * count, times.early.copy(), [0] * count
    clocks = {id(node.clock): node.clock for node in graph.nodes}
    last = {key: clock.work(end) for key, clock in clocks.items()}
    for index in reversed(times.order):
        node, bounds = graph.nodes[index], times.bounds[index]
        if bounds.ended:
            times.late[index] = times.early[index]
            continue
        _backward_one(graph, times, index, min(last[id(node.clock)] - node.remaining, bounds.most))


def _backward_one(graph: Graph, times: Times, index: int, most: int) -> None:
    node = graph.nodes[index]
    late = most
    if node.deadline is not None:
        late = min(late, node.clock.work(node.deadline) - node.remaining)
    free = movable = ANY_TIME
    moves = times.bounds[index].started is None
    for tie in graph.ties[index]:
        after = tie.after
        if (tie.from_start and not moves) or times.bounds[after].ended:
            continue
        back = 0 if tie.from_start else node.remaining
        late = min(late, _latest(tie, times.late[after]) - back)
        slack = _latest(tie, times.early[after]) - back
        free = min(free, slack)
        begin = times.scheduled[after]
        movable = min(movable, slack if begin == times.early[after] else _latest(tie, begin) - back)
    early = times.early[index]
    times.late[index] = late
    times.free[index] = max((most if free == ANY_TIME else min(free, most)) - early, 0)
    if node.constraint.kind is ConstraintKind.AS_LATE_AS_POSSIBLE and moves:
        times.scheduled[index] = max(min(movable, late), early)


def _latest(tie: Tie, begin: int) -> int:
    return tie.latest(begin) if tie.crosses else begin - tie.offset


def conflicts(graph: Graph, times: Times) -> list[Conflict]:
    """Constraints that early times break already, each with the tasks that push it."""
    found = []
    for index, bounds in enumerate(times.bounds):
        if times.early[index] <= bounds.most or bounds.ended:
            continue
        node = graph.nodes[index]
        of_start = node.constraint.kind in {ConstraintKind.START_NO_LATER_THAN, ConstraintKind.MUST_START_ON}
        early = times.early[index]
        moment = node.clock.start(early) if of_start else node.clock.finish(early + node.remaining)
        task = graph.plan.tasks[node.task]
        found.append(Conflict(task.id, task.constraint, moment, driving_path(graph, times, index)))
    return found


def driving_path(graph: Graph, times: Times, index: int) -> tuple[str, ...]:
    """The tasks that hold a node back, from the first to it."""
    path: list[str] = []
    while index >= 0:
        name = graph.plan.tasks[graph.nodes[index].task].id
        if not path or path[-1] != name:
            path.append(name)
        index = times.driver[index]
    return tuple(reversed(path))


def _cycle(graph: Graph, waiting: Sequence[int]) -> list[str]:
    holder = {tie.after: index for index, ties in enumerate(graph.ties) if waiting[index] for tie in ties}
    index = next(index for index in holder if waiting[index])
    seen: dict[int, None] = {}
    while index not in seen:
        seen[index] = None
        index = holder[index]
    loop = list(seen)
    names = [graph.plan.tasks[graph.nodes[one].task].id for one in reversed(loop[loop.index(index) :])]
    path = [name for name, other in zip(names, (*names[1:], names[0]), strict=True) if name != other or len(names) == 1]
    return path or names[:1]
