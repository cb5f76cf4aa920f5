"""What packages are worth at many moments, without asking each package at each of them.

What is earned, spent and left changes in steps: those of all packages together are one list in the order of time. What
is planned rises with working time: packages under way are straight lines over the work of their clock, and lines add
up by slope and intercept. So a curve takes O((packages + reports + costs + moments) log) instead of packages times
moments; but for the order in which it is rounded, in the last of 28 digits, it says what its packages say.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import accumulate
from operator import attrgetter
from typing import NamedTuple

from project_svc.earned_value.package import Accrual, Ledger, Method, Package, Spent
from project_svc.earned_value.values import ZERO
from project_svc.scheduling.calendars.worktime import WorkTime


class Line(NamedTuple):
    """A change of the line that packages of one clock make together."""

    at: int
    slope: Decimal
    intercept: Decimal
    packages: int


class Lines:
    """What rises evenly with the work of one clock.

    Args:
        clock: Whose work.
        packages: At least one, each with what it rises to.
    """

    def __init__(self, clock: WorkTime, packages: Sequence[tuple[Package, Decimal]]) -> None:
        self._clock = clock
        self._origin = min(one.span[0] for one, _ in packages)
        changes = sorted((change for one, total in packages for change in self._changes(one, total)), key=_AT)
        self._moments = [one.at for one in changes]
        self._slopes = [ZERO, *accumulate(one.slope for one in changes)]
        self._intercepts = [ZERO, *accumulate(one.intercept for one in changes)]
        self._under_way = [0, *accumulate(one.packages for one in changes)]

    def until(self, moment: int) -> Decimal:
        """How far those are together that are under way at a moment."""
        index = bisect_right(self._moments, moment)
        if not self._under_way[index]:
            return ZERO
        return self._slopes[index] * (self._clock.work(moment) - self._origin) + self._intercepts[index]

    def _changes(self, package: Package, total: Decimal) -> Iterable[Line]:
        begin, end = package.span
        if end <= begin:
            return ()
        slope = total / (end - begin)
        line = Line(package.start, slope, slope * (self._origin - begin), 1)
        return line, Line(package.finish, -slope, -line.intercept, -1)


class Rising:
    """What is planned of packages together: lines while they are under way, steps as they end.

    Args:
        totals: What each package rises to by the end of its baseline.
        steps: What comes at once.
    """

    def __init__(self, totals: Iterable[tuple[Package, Decimal]], steps: Iterable[Spent] = ()) -> None:
        by_clock: dict[int, list[tuple[Package, Decimal]]] = {}
        ends = []
        for package, total in totals:
            ends.append(Spent(package.finish, total))
            if package.start < package.finish and total:
                by_clock.setdefault(id(package.clock), []).append((package, total))
        self._lines = [Lines(found[0][0].clock, found) for found in by_clock.values()]
        self._steps = Ledger([*ends, *steps])

    def at(self, moment: int) -> Decimal:
        """How far they are at a moment."""
        return sum((one.until(moment) for one in self._lines), self._steps.until(moment))


class Sweep:
    """Packages over time; costs beside them in ``overhead``."""

    def __init__(self, packages: Sequence[Package], overhead: Sequence[Spent]) -> None:
        self.planned = _money(packages).at
        self.actual = Ledger([*overhead, *(cost for one in packages for cost in one.costs)]).until
        self._steady = _money([one for one in packages if one.method is _STEADY and one.budget]).at
        self._work = sum((Decimal(one.work) for one in packages), ZERO)
        self._worked = Rising((one, Decimal(one.work)) for one in packages).at
        earned: list[Spent] = []
        left: list[Spent] = []
        for one in packages:
            moments = _news(one)
            if one.method is not _STEADY:
                based = moments if one.base is None else _news(one.base)
                earned += _steps(based, one.earned, ZERO)
            left += _steps(moments, one.remaining, Decimal(one.work))
        self._earned, self._left = Ledger(earned).until, Ledger(left).until

    def earned(self, moment: int) -> Decimal:
        """Earned value at a moment."""
        return self._earned(moment) + self._steady(moment)

    def work_planned(self, moment: int) -> Decimal:
        """Minutes of work that are left by the plan."""
        return self._work - self._worked(moment)

    def work_left(self, moment: int) -> Decimal:
        """Minutes of work that are left as reported."""
        return self._work + self._left(moment)


_AT = attrgetter("at")
_STEADY = Method.LEVEL_OF_EFFORT


def _money(packages: Sequence[Package]) -> Rising:
    """Planned value; a fixed cost that is not spread begins right after the start, or comes with the end."""
    totals, steps = [], []
    for one in packages:
        spread = one.accrual is Accrual.PRORATED
        totals.append((one, one.budget if spread else one.variable))
        if not spread:
            at_start = one.accrual is Accrual.START
            steps.append(Spent(min(one.start + 1, one.finish) if at_start else one.finish, one.fixed))
    return Rising(totals, steps)


def _news(package: Package) -> list[int]:
    """When something was known or reached, in order; nothing else changes what is earned or left."""
    if not package.reports and not package.milestones:
        return []
    found = {moment for one in package.reports for moment in (one.at, one.started, one.finished)}
    found |= {one.reached for one in package.milestones}
    return sorted(moment for moment in found if moment is not None)


def _steps(moments: Iterable[int], value: Callable[[int], Decimal], before: Decimal) -> Iterator[Spent]:
    """By how much a value changes at each of ``moments``."""
    for moment in moments:
        after = value(moment)
        if after != before:
            yield Spent(moment, after - before)
            before = after
