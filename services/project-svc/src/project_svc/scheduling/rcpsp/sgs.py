"""Serial schedule generation for many activity lists at once, and justification of what comes out.

Serial schedule generation (Kolisch, EJOR 90, 1996) takes the tasks in the order of a list and starts each as early as
its predecessors and the resources allow. Here one step places the next task of *all* lists, so that a population costs
little more than one schedule. Forward-backward improvement pushes all tasks to the right from the end, then to the left
again (Valls, Ballestín, Quintanilla, *Justification and RCPSP: a technique that pays*, EJOR 165, 2005).
"""

import numpy as np
import numpy.typing as npt

from project_svc.scheduling.rcpsp.compiled import UNREACHED, Bools, Compiled, Ints

_MEMORY = 1 << 28
"""Bytes for what is free in all schedules that are made at a time."""
Floats = npt.NDArray[np.float64]


def serial_schedules(compiled: Compiled, lists: Ints, origin: Ints | None = None) -> Ints:
    """Starts [list, task] of the active schedules of activity lists [list, position].

    Args:
        compiled: The problem.
        lists: Permutations of the tasks in which predecessors come first.
        origin: [list] the period before which nothing starts; 0 if None.
    """
    count, size = lists.shape
    portion = max(_MEMORY // compiled.free.nbytes, 1)
    if count > portion:
        begin = np.zeros(count, dtype=np.int64) if origin is None else origin
        portions = [slice(first, first + portion) for first in range(0, count, portion)]
        return np.concatenate([serial_schedules(compiled, lists[one], begin[one]) for one in portions])
    starts = np.full((count, size + 1), UNREACHED, dtype=np.int64)
    free = np.repeat(compiled.free[:, None, :], count, axis=1)
    rows = np.arange(count)
    end = np.zeros(count, dtype=np.int64) if origin is None else origin.copy()
    floor = end.copy()
    for position in range(size):
        tasks = lists[:, position]
        ready = _ready(compiled, starts, tasks, rows)
        np.maximum(ready, floor, out=ready)
        begin = _place(compiled, free, tasks, ready, end)
        starts[rows, tasks] = begin
        np.maximum(end, begin + compiled.durations[tasks], out=end)
    return starts[:, :size]


def makespans(compiled: Compiled, starts: Ints) -> Ints:
    """[schedule] when the last task ends."""
    ends: Ints = (starts + compiled.durations).max(axis=1)
    return ends


def justified(forwards: Compiled, backwards: Compiled, starts: Ints) -> Ints:
    """Schedules that are no longer than ``starts`` [schedule, task]: right-justified, then left-justified."""
    last = forwards.horizon
    ends = starts + forwards.durations
    mirrored = serial_schedules(backwards, lists_of(backwards, -ends), last - ends.max(axis=1))
    right = last - mirrored - forwards.durations
    left = serial_schedules(forwards, lists_of(forwards, right))
    # with delays that let a successor start first, one may come out longer
    longer = makespans(forwards, left) > makespans(forwards, starts)
    left[longer] = starts[longer]
    return left


def lists_of(compiled: Compiled, keys: Ints | Floats) -> Ints:
    """Activity lists of tasks by key [list, task], the least first, but no task before its predecessors."""
    raised = np.concatenate([keys, np.full((len(keys), 1), keys.min(initial=0))], axis=1)
    if compiled.before.shape[1]:
        for task in compiled.order:
            np.maximum(raised[:, task], raised[:, compiled.before[task]].max(axis=1), out=raised[:, task])
    ranks = np.broadcast_to(compiled.ranks, keys.shape)
    return np.lexsort((ranks, raised[:, :-1]), axis=1)


def _ready(compiled: Compiled, starts: Ints, tasks: Ints, rows: Ints) -> Ints:
    """When predecessors and release let each task start."""
    ready: Ints = compiled.releases[tasks]
    if compiled.before.shape[1]:
        bounds = starts[rows[:, None], compiled.before[tasks]] + compiled.delays[tasks]
        np.maximum(ready, bounds.max(axis=1), out=ready)
    return ready


def _place(compiled: Compiled, free: Ints, tasks: Ints, ready: Ints, end: Ints) -> Ints:
    """Start each task where its demand is free for its duration, and take that away from what is free."""
    durations = compiled.durations[tasks]
    if not durations.any():
        return ready
    low = int(ready.min())
    high = int(max(end.max(), ready.max(), compiled.last_step) + durations.max()) + 1
    high = min(high, compiled.horizon)
    begin = np.where(
        durations > 0, _first_window(_short(compiled, free, tasks, low, high), low, ready, durations), ready
    )
    _take(compiled, free, tasks, begin, durations)
    return begin


def _short(compiled: Compiled, free: Ints, tasks: Ints, low: int, high: int) -> Bools:
    """[list, period] whether a resource is short for the task."""
    short: Bools | None = None
    for word, guard in enumerate(compiled.guards):
        left = free[word, :, low:high] - compiled.demands[word, tasks][:, None]
        left &= guard
        lacking: Bools = left != guard
        short = lacking if short is None else short | lacking
    assert short is not None  # noqa: S101 - there is a word even without resources
    return short


def _first_window(short: Bools, low: int, ready: Ints, durations: Ints) -> Ints:
    """The first period from ``ready`` on that begins enough periods in which nothing is short."""
    periods = np.arange(short.shape[1], dtype=np.int32)
    short |= periods < (ready - low).astype(np.int32)[:, None]
    last_short = np.maximum.accumulate(np.where(short, periods, np.int32(-1)), axis=1)
    fits = periods - last_short >= durations.astype(np.int32)[:, None]
    begin: Ints = fits.argmax(axis=1) + (low + 1) - durations
    return begin


def _take(compiled: Compiled, free: Ints, tasks: Ints, begin: Ints, durations: Ints) -> None:
    total = int(durations.sum())
    offsets = np.arange(total) - np.repeat(durations.cumsum() - durations, durations)
    rows = np.repeat(np.arange(len(tasks)), durations)
    periods = np.repeat(begin, durations) + offsets
    for word in range(len(compiled.guards)):
        free[word, rows, periods] -= np.repeat(compiled.demands[word, tasks], durations)
