"""Arithmetic with working time: precomputed intervals, binary search.

A calendar maps moments to *work*, the minutes worked since a fixed anchor, and back. Work does not change while nobody
works, so an amount of work means two moments: the last at which so much is done (a finish, Friday 17:00) and the last
before more is (a start, Monday 08:00).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal, Protocol

import numpy as np

from project_svc.scheduling.calendars.intervals import Intervals, Minutes
from project_svc.scheduling.calendars.zones import EPOCH

_DAY = 24 * 60
_FIRST_SPREAD = 400
EARLIEST, LATEST = date(1950, 1, 1), date(2250, 1, 1)


class Source(Protocol):
    """What says when work is done; equal ones say the same."""

    def __hash__(self) -> int:
        """Goes with equality."""
        ...

    def between(self, first: date, last: date) -> Intervals:
        """Working intervals of the days ``first`` to ``last``."""
        ...


class OutOfCalendarError(ValueError):
    """A time that no calendar reaches: before 1950, after 2249, or after the last working time there is."""


class WorkTime:
    """A compiled calendar; grows by itself, up to the years 1950 to 2249.

    Moments and work come one at a time as `int`, or as arrays of int64 (`*_many`).
    """

    def __init__(self, source: Source, anchor: date) -> None:
        """Work is counted from the beginning of the day ``anchor`` (UTC).

        Raises:
            OutOfCalendarError: The anchor is outside of what calendars reach.
        """
        if not EARLIEST <= anchor <= LATEST:
            raise OutOfCalendarError(f"{anchor} is not between {EARLIEST} and {LATEST}")
        self._source = source
        self._anchor = anchor
        self._most_back, self._most_forth = (anchor - EARLIEST).days, (LATEST - anchor).days
        self._zero = (anchor - EPOCH.date()).days * _DAY
        self._compile(_FIRST_SPREAD // 8, _FIRST_SPREAD)

    def work(self, moment: int) -> int:
        """Work done until a moment."""
        self._reach(moment)
        index = bisect_right(self._begins, moment) - 1
        if index < 0:
            return self._least
        return self._done[index] + min(moment, self._ends[index]) - self._begins[index]

    def finish(self, work: int) -> int:
        """The first moment at which ``work`` is done."""
        self._reach_work(work)
        index = max(bisect_left(self._done, work) - 1, 0)
        return self._begins[index] + work - self._done[index]

    def start(self, work: int) -> int:
        """The last moment at which no more than ``work`` is done: when the next minute of work begins."""
        self._reach_work(work)
        index = bisect_right(self._done, work) - 1
        return self._begins[index] + work - self._done[index]

    def last_start(self, moment: int) -> int:
        """The most work after which a task can start without starting after ``moment``."""
        self._reach(moment)
        index = bisect_right(self._begins, moment) - 1
        if index >= 0 and moment < self._ends[index]:
            return self._done[index] + moment - self._begins[index]
        return self.work(moment) - 1

    def add(self, moment: int, work: int) -> int:
        """The moment at which ``work`` more is done; with negative work, from which on so much is."""
        done = self.work(moment) + work
        return self.finish(done) if work > 0 else self.start(done)

    def between(self, begin: int, end: int) -> int:
        """Working minutes from one moment to another; negative if the other is earlier."""
        return self.work(end) - self.work(begin)

    def work_many(self, moments: Minutes) -> Minutes:
        """As :meth:`work`, for an array."""
        for edge in (moments.min(initial=self._zero), moments.max(initial=self._zero)):
            self._reach(int(edge))
        begins, ends, done = self._arrays
        found = np.full(moments.shape, self._least)
        index = np.searchsorted(begins, moments, side="right") - 1
        known = index >= 0
        inside = index[known]
        found[known] = done[inside] + np.minimum(moments[known], ends[inside]) - begins[inside]
        return found

    def finish_many(self, work: Minutes) -> Minutes:
        """As :meth:`finish`, for an array."""
        return self._moments(work, "left")

    def start_many(self, work: Minutes) -> Minutes:
        """As :meth:`start`, for an array."""
        return self._moments(work, "right")

    def last_start_many(self, moments: Minutes) -> Minutes:
        """As :meth:`last_start`, for an array."""
        work = self.work_many(moments)
        begins, ends, _ = self._arrays
        index = np.searchsorted(begins, moments, side="right") - 1
        found: Minutes = work - ((index < 0) | (moments >= ends[index]))
        return found

    def between_many(self, begins: Minutes, ends: Minutes) -> Minutes:
        """As :meth:`between`, for arrays."""
        work: Minutes = self.work_many(ends) - self.work_many(begins)
        return work

    def intervals(self, begin: int, end: int) -> Intervals:
        """Working intervals that touch ``begin`` to ``end``."""
        self._reach(begin)
        self._reach(end)
        begins, ends, _ = self._arrays
        inside = slice(np.searchsorted(ends, begin, side="right"), np.searchsorted(begins, end, side="left"))
        return Intervals(begins[inside], ends[inside])

    def _moments(self, work: Minutes, side: Literal["left", "right"]) -> Minutes:
        for edge in (work.min(initial=0), work.max(initial=0)):
            self._reach_work(int(edge))
        begins, _, done = self._arrays
        index = np.maximum(np.searchsorted(done, work, side=side) - 1, 0)
        found: Minutes = begins[index] + work - done[index]
        return found

    def _reach(self, moment: int) -> None:
        while moment < self._first:
            self._grow(back=True)
        while moment >= self._last:
            self._grow(back=False)

    def _reach_work(self, work: int) -> None:
        while work < self._least or (work == self._least and self._back < self._most_back):
            self._grow(back=True)
        while work >= self._total:
            self._grow(back=False)

    def _grow(self, *, back: bool) -> None:
        if self._back == self._most_back if back else self._forth == self._most_forth:
            raise OutOfCalendarError(f"there is no working time before {EARLIEST}, after {LATEST}, or at all then")
        self._compile(self._back * (2 if back else 1), self._forth * (1 if back else 2))

    def _compile(self, back: int, forth: int) -> None:
        self._back, self._forth = min(back, self._most_back), min(forth, self._most_forth)
        self._first = self._zero - (self._back - 2) * _DAY
        self._last = self._zero + (self._forth - 2) * _DAY
        first, last = self._anchor - timedelta(self._back), self._anchor + timedelta(self._forth)
        begins, ends = self._source.between(first, last)
        done = np.concatenate([[0], (ends - begins).cumsum()])
        before = np.minimum(np.maximum(self._zero - begins, 0), ends - begins).sum()
        self._arrays = begins, ends, done[:-1] - before
        self._begins: Sequence[int] = begins.tolist()
        self._ends: Sequence[int] = ends.tolist()
        self._done: Sequence[int] = self._arrays[2].tolist()
        self._least, self._total = -int(before), int(done[-1] - before)
