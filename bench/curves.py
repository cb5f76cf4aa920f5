"""S-curves and burn-down of 10,000 tasks over two years, beside the same sums in NumPy alone.

The lower bound has its figures in arrays of floats already, and works out how far each task is planned to be at each
point, what was earned, spent and left by then; it rounds nothing, and knows one way to earn value. Its limits were 20
and 8 while OpenBLAS let a second core wait for it, which counted as its CPU time (92 ms); it computes on one core now,
takes 20 ms, and the limits are as many times wider.
"""

import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from datetime import time as midnight
from decimal import Decimal
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from bench.measure import ROUNDS, Row, show
from project_svc.earned_value.project import BurnDownPoint, CurvePoint
from project_svc.monitoring.domain import Books, KnownCost, KnownReport, PlannedTask
from project_svc.scheduling.calendars.public import Region
from project_svc.scheduling.calendars.rules import Rules
from project_svc.scheduling.calendars.zones import moment_of

TASKS, DAYS, REPORTS = 10_000, 730, 3
START = datetime(2026, 1, 5, tzinfo=UTC)
NOW = START + timedelta(days=400)

Floats = NDArray[np.float64]
Minutes = NDArray[np.int64]
Points = tuple[list[CurvePoint], list[BurnDownPoint]]


def rows() -> Sequence[Row]:
    """Curves in seconds and beside the lower bound, and the figures of one moment."""
    books = _books()
    points = len(books.moments(NOW))
    ours, theirs, once = list[float](), list[float](), list[float]()
    for _ in range(ROUNDS):
        began = time.process_time()
        found = _curves(replace(books))
        ours.append(time.process_time() - began)
        bound = _Bound(books)
        began = time.process_time()
        least = bound.curves()
        theirs.append(time.process_time() - began)
        _agree(found, least)
        began = time.process_time()
        _of_a_moment(replace(books))
        once.append(time.process_time() - began)
    seconds, numpy = statistics.median(ours), statistics.median(theirs)
    work = f"curves of {TASKS:,} tasks, {REPORTS * TASKS:,} reports, {TASKS:,} costs: CPU"
    figures = f"{1000 * seconds:.0f} ms for {points} points; {1000 * numpy:.0f} ms"
    return [
        Row(work=work, beside="–", value=seconds, must=2, goal=1, unit=" s", figures=figures),
        Row(work=work, beside="the sums alone, in NumPy", value=seconds / numpy, must=90, goal=37, figures=figures),
        Row(
            work=f"earned value and earned schedule of {TASKS:,} tasks as of a moment: CPU",
            beside="–",
            value=statistics.median(once),
            must=2,
            goal=1,
            unit=" s",
            figures="of the project and of each task",
        ),
    ]


def _curves(books: Books) -> Points:
    value, moments = books.value(), books.moments(NOW)
    return value.curve(moments, moment_of(NOW)), value.burn_down(moments, moment_of(NOW))


def _of_a_moment(books: Books) -> None:
    value, now = books.value(), moment_of(NOW)
    assert value.timing(now) is not None
    assert len(value.by_task(now)) == TASKS
    assert value.amounts(now).bac > 0


def _books() -> Books:
    """Tasks of a day to a month somewhere in two years, three reports and a cost of each."""
    chance = random.Random(1)  # noqa: S311 - a benchmark that repeats
    tasks, reports, costs = [], [], []
    for number in range(TASKS):
        id, begin = UUID(int=number + 1), START + timedelta(days=chance.randrange(DAYS), hours=1)
        end = begin + timedelta(days=chance.randint(1, 30), hours=8)
        budget, spent = (Decimal(chance.randint(10_000, 10_000_000)) / 100 for _ in "ab")
        work = 60 * chance.randint(1, 160)
        tasks.append(
            PlannedTask(
                id=id, name=str(number), starts_at=begin, finishes_at=end, work=work, cost=budget, fixed_cost=Decimal(0)
            )
        )
        steps = [(begin + timedelta(days=5 * step + 1), 30 * step + 30) for step in range(REPORTS)]
        reports += [KnownReport(id, as_of, percent, begin, None, None) for as_of, percent in steps]
        costs.append(KnownCost(id, (begin + timedelta(days=3)).date(), spent, "CNY"))
    china = Rules(zone="Asia/Shanghai", region=Region("CN"))
    return Books(currency="CNY", tasks=tasks, reports=reports, costs=costs, calendar=china)


class _Bound:
    """The same as arrays; task by task and point by point."""

    def __init__(self, books: Books) -> None:
        tasks = books.tasks
        self.moments = np.array(books.moments(NOW))
        self.now = moment_of(NOW)
        self._clock = books.clock
        self._starts = np.array([moment_of(one.starts_at) for one in tasks])
        self._finishes = np.array([moment_of(one.finishes_at) for one in tasks])
        self._budgets = np.array([float(one.cost) for one in tasks])
        self._works = np.array([float(one.work) for one in tasks])
        self._reported = np.array([moment_of(one.as_of) for one in books.reports])
        gained = np.diff([one.percent for one in books.reports[:REPORTS]], prepend=0) / 100
        self._gained = np.tile(gained, TASKS)
        days = [datetime.combine(one.day, midnight(), books.zone) for one in books.costs]
        self._spent_at = np.array([moment_of(day) for day in days])
        self._spent = np.array([float(one.amount) for one in books.costs])

    def curves(self) -> tuple[Floats, Floats, Floats, Floats, Floats]:
        """PV, EV, AC, work left by the plan and as reported, of each point."""
        begin, end = self._clock.work_many(self._starts), self._clock.work_many(self._finishes)
        done = (self._clock.work_many(self.moments)[:, None] - begin) / np.maximum(end - begin, 1)
        shares = np.where(self.moments[:, None] >= self._finishes, 1, np.clip(done, 0, 1))
        return (
            shares @ self._budgets,
            self._steps(self._reported, self._gained * np.repeat(self._budgets, REPORTS)),
            self._steps(self._spent_at, self._spent),
            self._works.sum() - shares @ self._works,
            self._works.sum() - self._steps(self._reported, self._gained * np.repeat(self._works, REPORTS)),
        )

    def _steps(self, at: Minutes, amounts: Floats) -> Floats:
        order = np.argsort(at)
        sums = np.concatenate([[0.0], np.cumsum(amounts[order])])
        found: Floats = sums[np.searchsorted(at[order], self.moments, side="right")]
        return found


def _agree(found: Points, least: tuple[Floats, ...]) -> None:
    """To the cent, as far as floats have cents."""
    ours = [(point.pv, point.ev, point.ac, left.planned, left.remaining) for point, left in zip(*found, strict=True)]
    for mine, theirs in zip(ours, zip(*least, strict=True), strict=True):
        for value, bound in zip(mine, theirs, strict=True):
            assert value is None or abs(float(value) - bound) < 0.01, (value, bound)


if __name__ == "__main__":
    show(rows())
