"""From work to dates: the schedule that the two passes have found."""

from collections.abc import Mapping, Sequence

import numpy as np

from project_svc.scheduling.calendars.intervals import Minutes
from project_svc.scheduling.network.graph import Graph
from project_svc.scheduling.network.passes import Times
from project_svc.scheduling.network.plan import Conflict
from project_svc.scheduling.network.schedule import Dates, Schedule

_EARLY, _LATE, _SCHEDULED = range(3)


def schedule_of(graph: Graph, times: Times, conflicts: tuple[Conflict, ...]) -> Schedule:
    """The schedule of a graph after both passes."""
    names = [task.id for task in graph.plan.tasks]
    dates = _roll_up(graph, _leaves(graph, times))
    return Schedule(
        start=min((one.start for one in dates.values()), default=graph.plan.start),
        finish=max((one.finish for one in dates.values()), default=graph.plan.start),
        dates={name: dates[index] for index, name in enumerate(names)},
        drivers=_drivers(graph, times),
        conflicts=conflicts,
        held=_held(graph, times, dates),
    )


def _leaves(graph: Graph, times: Times) -> dict[int, Dates]:
    """Dates of the tasks without children; all of one calendar are looked up together."""
    summaries = frozenset(graph.summaries)
    leaves = [index for index in range(len(graph.parents)) if index not in summaries]
    begins, ends, floats = _moments(graph, times, leaves)
    found: dict[int, Dates] = {}
    rows = zip(leaves, begins.T.tolist(), ends.T.tolist(), floats.T.tolist(), strict=True)
    for index, begin, end, (total, free) in rows:
        progress, over = graph.plan.tasks[index].progress, times.bounds[index].ended
        starts = begin if progress is None else [progress.actual_start] * len(begin)
        finishes = end if progress is None or progress.actual_finish is None else [progress.actual_finish] * len(end)
        found[index] = Dates(
            start=starts[_SCHEDULED],
            finish=finishes[_SCHEDULED],
            early_start=starts[_EARLY],
            early_finish=finishes[_EARLY],
            late_start=starts[_LATE],
            late_finish=finishes[_LATE],
            total_float=0 if over else total,
            free_float=0 if over else free,
            critical=not over and total <= 0,
        )
    return found


def _moments(graph: Graph, times: Times, leaves: Sequence[int]) -> tuple[Minutes, Minutes, Minutes]:
    """Begins and ends [early, late, scheduled; leaf], and floats [total, free; leaf]."""
    columns = (times.early, times.late, times.scheduled)
    work = np.array([[column[index] for index in leaves] for column in columns], dtype=np.int64)
    remaining = np.array([graph.nodes[index].remaining for index in leaves], dtype=np.int64)
    free = np.array([times.free[index] for index in leaves], dtype=np.int64)
    begins, ends, floats = np.empty_like(work), np.empty_like(work), np.stack([work[_LATE] - work[_EARLY], free])
    groups: dict[tuple[int, int], list[int]] = {}
    for position, index in enumerate(leaves):
        node = graph.nodes[index]
        groups.setdefault((id(node.clock), id(node.own)), []).append(position)
    for positions in groups.values():
        chosen = np.array(positions)
        node = graph.nodes[leaves[positions[0]]]
        begins[:, chosen] = node.clock.start_many(work[:, chosen])
        ends[:, chosen] = node.clock.finish_many(work[:, chosen] + remaining[chosen])
        if node.clock is not node.own:
            begin = begins[_EARLY, chosen]
            floats[:, chosen] = node.own.between_many(begin, begin + floats[:, chosen])
    return begins, ends, floats


def _roll_up(graph: Graph, dates: dict[int, Dates]) -> Mapping[int, Dates]:
    """The dates of the leaves, and of the summaries above them."""
    children: dict[int, list[Dates]] = {}
    for index, one in dates.items():
        children.setdefault(graph.parents[index], []).append(one)
    for index in graph.summaries:
        own = children[index]
        dates[index] = Dates(
            start=min(one.start for one in own),
            finish=max(one.finish for one in own),
            early_start=min(one.early_start for one in own),
            early_finish=max(one.early_finish for one in own),
            late_start=min(one.late_start for one in own),
            late_finish=max(one.late_finish for one in own),
            total_float=min(one.total_float for one in own),
            free_float=min(one.free_float for one in own),
            critical=any(one.critical for one in own),
        )
        children.setdefault(graph.parents[index], []).append(dates[index])
    return dates


def _drivers(graph: Graph, times: Times) -> dict[str, str | None]:
    """By task without children, in the order of links, the one that holds it; ends of summaries are looked through."""
    tasks, size = graph.plan.tasks, len(graph.parents)
    summaries = frozenset(graph.summaries)
    found: dict[str, str | None] = {}
    for index in times.order:
        if index >= size or index in summaries:
            continue
        driver = times.driver[index]
        while driver >= size:
            driver = times.driver[driver]
        found[tasks[index].id] = tasks[driver].id if driver >= 0 else None
    return found


def _held(graph: Graph, times: Times, dates: Mapping[int, Dates]) -> dict[str, tuple[str, ...]]:
    """By critical task, the critical ones whose early dates it makes."""
    tasks, size = graph.plan.tasks, len(graph.parents)
    summaries = frozenset(graph.summaries)
    critical = [index for index in times.order if index < size and index not in summaries and dates[index].critical]
    return {tasks[index].id: tuple(tasks[one].id for one in _tight(graph, times, dates, index)) for index in critical}


def _tight(graph: Graph, times: Times, dates: Mapping[int, Dates], index: int) -> list[int]:
    found: dict[int, None] = {}
    stack = [index]
    for node in stack:
        bounds = times.bounds[node]
        finish = times.early[node] + graph.nodes[node].remaining
        start = times.early[node] if bounds.started is None else bounds.started
        for tie in graph.ties[node]:
            if (
                times.bounds[tie.after].ended
                or tie.earliest(start if tie.from_start else finish) < times.early[tie.after]
            ):
                continue
            if tie.after >= len(graph.parents):
                stack.append(tie.after)
            elif dates[tie.after].critical:
                found[tie.after] = None
    return sorted(found)
