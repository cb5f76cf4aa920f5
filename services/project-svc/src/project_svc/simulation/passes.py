"""Both passes of the critical path method over all iterations at a time.

As :mod:`project_svc.scheduling.network.passes`, which says what they mean, with an array where that has a number. Dates
that must be kept bind here only from below, as in a plan in progress: an iteration in which one cannot hold is late.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from project_svc.scheduling.calendars.intervals import Minutes
from project_svc.scheduling.calendars.worktime import WorkTime
from project_svc.scheduling.network.bounds import BoundsOf
from project_svc.scheduling.network.graph import Graph, build
from project_svc.scheduling.network.passes import Times, forward
from project_svc.scheduling.network.plan import NO_CONSTRAINT, ConstraintKind, Plan
from project_svc.scheduling.network.ties import Node, Tie

_OF_FINISH = {ConstraintKind.FINISH_NO_EARLIER_THAN, ConstraintKind.MUST_FINISH_ON}

Left = npt.NDArray[np.int32] | int
"""Remaining working minutes of a task, in each iteration or in all."""


@dataclass(slots=True, kw_only=True)
class Network:
    """A plan, ready for passes.

    Attributes:
        graph: Its nodes and ties.
        times: The order of its nodes, and what dates and progress say of each.
        floors: [node] where a node with a constraint of its finish can begin, whatever it takes.
        leaves: Indexes of the tasks without children.
    """

    graph: Graph
    times: Times
    floors: Sequence[int]
    leaves: Sequence[int]


@dataclass(slots=True, kw_only=True)
class Pass:
    """What a block of iterations came to.

    Attributes:
        finish: [iteration] the moment at which the last task ends.
        critical: [task] in how many iterations it could not move without moving that.
        ends: [deadline, iteration] when the tasks that have a deadline end.
    """

    finish: Minutes
    critical: Minutes
    ends: Minutes


def network_of(plan: Plan, uncertain: Sequence[str]) -> Network:
    """The network of a plan.

    A milestone that is in ``uncertain`` may take time: its calendar is then that of its task.

    Raises:
        PlanError: The plan means nothing; a :class:`CycleError` if tasks wait for each other.
    """
    names = set(uncertain)
    tasks = [
        replace(task, duration=1) if task.id in names and not task.duration and not task.progress else task
        for task in plan.tasks
    ]
    graph = build(replace(plan, tasks=tasks))
    bounds_of = BoundsOf(graph.plan)
    floors = [bounds_of(replace(node, constraint=NO_CONSTRAINT), None).least for node in graph.nodes]
    summaries = set(graph.summaries)
    leaves = [index for index in range(len(plan.tasks)) if index not in summaries]
    return Network(graph=graph, times=forward(graph), floors=floors, leaves=leaves)


def run(network: Network, durations: Mapping[str, npt.NDArray[np.int32]], size: int, due: Sequence[int]) -> Pass:
    """Both passes.

    Args:
        network: The plan.
        durations: By task, [iteration] remaining working minutes; of other tasks they are as planned.
        size: Number of iterations.
        due: Indexes of tasks whose end is asked for.

    Raises:
        OutOfCalendarError: An iteration ends where no calendar reaches.
    """
    tasks = network.graph.plan.tasks
    left: list[Left] = [node.remaining for node in network.graph.nodes]
    for index in network.leaves:
        if not network.times.bounds[index].ended:
            left[index] = durations.get(tasks[index].id, left[index])
    early = _forward(network, left, size)
    finish = _finish(network, left, early, size)
    critical = _critical(network, left, early, finish)
    over = [task.progress.actual_finish or 0 for task in tasks if task.progress]
    finish = np.maximum(finish, max(over, default=0))
    ends = [_end(network, left, early, index) for index in due]
    return Pass(finish=finish, critical=critical, ends=np.array(ends, dtype=np.int64).reshape(len(ends), size))


def _end(network: Network, left: Sequence[Left], early: Minutes, index: int) -> Minutes:
    progress = network.graph.plan.tasks[index].progress
    if progress is not None and progress.actual_finish is not None:
        return np.full(early.shape[1], progress.actual_finish)
    return network.graph.nodes[index].clock.finish_many(early[index] + left[index])


def _left(network: Network, left: Sequence[Left], index: int) -> Left:
    return 0 if network.times.bounds[index].ended else left[index]


def _forward(network: Network, left: Sequence[Left], size: int) -> Minutes:
    nodes, bounds = network.graph.nodes, network.times.bounds
    early = np.empty((len(nodes), size), dtype=np.int64)
    for index, (node, bound) in enumerate(zip(nodes, bounds, strict=True)):
        early[index] = bound.least
        if node.constraint.kind in _OF_FINISH and node.constraint.moment is not None and bound.started is None:
            early[index] = np.maximum(network.floors[index], node.clock.work(node.constraint.moment) - left[index])
    for index in network.times.order:
        begin = early[index]
        finish = begin + _left(network, left, index)
        started = bounds[index].started
        start = begin if started is None else np.full(size, started)
        for tie in network.graph.ties[index]:
            if not bounds[tie.after].ended:
                bound_by = earliest(tie, start if tie.from_start else finish, left[tie.after])
                np.maximum(early[tie.after], bound_by, out=early[tie.after])
    return early


def _finish(network: Network, left: Sequence[Left], early: Minutes, size: int) -> Minutes:
    """When the last task ends; the last of each calendar is looked up."""
    last: dict[int, tuple[WorkTime, Minutes]] = {}
    for index in network.leaves:
        clock = network.graph.nodes[index].clock
        work = early[index] + _left(network, left, index)
        known = last.get(id(clock))
        last[id(clock)] = clock, work if known is None else np.maximum(known[1], work)
    finish = np.full(size, network.graph.plan.start)
    if last:
        finish = np.max([clock.finish_many(work) for clock, work in last.values()], axis=0)
    return finish


def _critical(network: Network, left: Sequence[Left], early: Minutes, finish: Minutes) -> Minutes:
    """The backward pass: in how many iterations each task has no float, with no date but the finish to keep to."""
    graph, times = network.graph, network.times
    clocks = {id(node.clock): node.clock for node in graph.nodes}
    last = {key: clock.work_many(finish) for key, clock in clocks.items()}
    late = np.empty_like(early)
    count = np.zeros(len(graph.nodes), dtype=np.int64)
    for index in reversed(times.order):
        bounds = times.bounds[index]
        if bounds.ended:
            continue
        np.subtract(last[id(graph.nodes[index].clock)], left[index], out=late[index])
        for tie in graph.ties[index]:
            if times.bounds[tie.after].ended or (tie.from_start and bounds.started is not None):
                continue
            most = latest(tie, late[tie.after], left[tie.after])
            np.minimum(late[index], most if tie.from_start else most - left[index], out=late[index])
        count[index] = np.count_nonzero(_float(graph.nodes[index], early[index], late[index]) <= 0)
    return count[: len(graph.parents)]


def _float(node: Node, early: Minutes, late: Minutes) -> Minutes:
    """Working minutes of a node's own calendar; a milestone's times are counted around the clock."""
    if node.clock is node.own:
        return late - early
    begin = node.clock.start_many(early)
    return node.own.between_many(begin, begin + late - early)


def earliest(tie: Tie, work: Minutes, left: Left) -> Minutes:
    """As :meth:`Tie.earliest`: where the held node, with so much left, can begin, given work at the end that holds."""
    back = left if tie.to_finish else 0
    if not tie.crosses:
        return work + (tie.lag - back)
    clock, held = tie.holding.clock, tie.held
    moment = clock.start_many(work) if tie.from_start else clock.finish_many(work)
    if tie.elapsed:
        moment += tie.lag
    elif tie.lag:
        done = held.own.work_many(moment) + tie.lag
        moment = held.own.finish_many(done) if tie.lag > 0 else held.own.start_many(done)
    return held.clock.work_many(moment) - back


def latest(tie: Tie, begin: Minutes, left: Left) -> Minutes:
    """As :meth:`Tie.latest`: the most work at the end that holds, so that the held node can begin at ``begin``."""
    back = left if tie.to_finish else 0
    if not tie.crosses:
        return begin - (tie.lag - back)
    moment = tie.held.clock.start_many(begin + back)
    if tie.elapsed:
        moment -= tie.lag
    elif tie.lag:
        moment = _before(tie.held, moment, tie.lag)
    clock = tie.holding.clock
    return clock.last_start_many(moment) if tie.from_start else clock.work_many(moment)


def _before(held: Node, moments: Minutes, lag: int) -> Minutes:
    work = held.own.work_many(moments) if lag > 0 else held.own.last_start_many(moments)
    return held.own.start_many(work - lag)
