"""The critical path method with calendars, constraints, progress and summaries.

Kelley and Walker, *Critical-path planning and scheduling*, 1959; links with lags as in the precedence diagramming
method. Times are whole minutes of work of the calendar of each task, so that inside one calendar both passes are
additions; dates are looked up once, for all tasks of a calendar together. The least solution of the forward pass is the
earliest schedule of all, so a constraint that it breaks cannot hold in any.
"""

from project_svc.scheduling.network.graph import Graph, build
from project_svc.scheduling.network.passes import Times, backward, conflicts, forward
from project_svc.scheduling.network.plan import ConflictError, Plan
from project_svc.scheduling.network.reading import schedule_of
from project_svc.scheduling.network.schedule import Schedule


def scheduled(plan: Plan, *, tolerant: bool = False) -> Schedule:
    """The schedule of a plan.

    Args:
        plan: Tasks, links, calendars.
        tolerant: Report constraints that cannot hold, as a plan in progress may have, instead of refusing them.

    Raises:
        PlanError: The plan means nothing; a :class:`CycleError` or :class:`ConflictError` names the tasks.
        OutOfCalendarError: A date lies where no calendar reaches.
    """
    graph = build(plan)
    times = forward(graph)
    broken = conflicts(graph, times)
    if broken and not tolerant:
        raise ConflictError(broken)
    return read_out(graph, times)


def read_out(graph: Graph, times: Times) -> Schedule:
    """The schedule of early times, however they were found: the backward pass, dates, conflicts."""
    end = graph.plan.must_finish
    backward(graph, times, _finish(graph, times) if end is None else end)
    return schedule_of(graph, times, tuple(conflicts(graph, times)))


def _finish(graph: Graph, times: Times) -> int:
    """The moment at which the last task ends; only the last of each calendar is looked up."""
    last: dict[int, tuple[int, int]] = {}
    summaries = set(graph.summaries)
    for index, node in enumerate(graph.nodes[: len(graph.parents)]):
        if index not in summaries:
            work = times.early[index] + (0 if times.bounds[index].ended else node.remaining)
            last[id(node.clock)] = max(last.get(id(node.clock), (work, index)), (work, index))
    ends = [graph.nodes[index].clock.finish(work) for work, index in last.values()]
    return max(ends, default=graph.plan.start)
