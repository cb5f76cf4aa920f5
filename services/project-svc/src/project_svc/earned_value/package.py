"""A work package: what was planned for it, what was reported of it, what it cost."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from itertools import accumulate
from operator import attrgetter
from typing import NamedTuple

from project_svc.earned_value.values import HUNDRED, ONE, ZERO
from project_svc.scheduling.calendars.worktime import WorkTime

_HALF = ONE / 2


class Accrual(StrEnum):
    """When a fixed cost is planned to be spent: as the package begins, evenly, or as it ends."""

    START = "start"
    PRORATED = "prorated"
    END = "end"


class Method(StrEnum):
    """How value is earned (PMI, *Practice Standard for Earned Value Management*, 2nd ed., 2011)."""

    PERCENT_COMPLETE = "percent_complete"
    ZERO_HUNDRED = "zero_hundred"
    FIFTY_FIFTY = "fifty_fifty"
    WEIGHTED_MILESTONES = "weighted_milestones"
    APPORTIONED_EFFORT = "apportioned_effort"
    LEVEL_OF_EFFORT = "level_of_effort"


class Report(NamedTuple):
    """What was known of a package from some time on.

    Attributes:
        at: As of when.
        percent: Of the work that was done by then, 0 to 100.
        started: When it began; None if it had not.
        finished: When it ended; None if it had not.
        remaining: Minutes of work left; None where that follows from the percentage.
    """

    at: int
    percent: Decimal
    started: int | None = None
    finished: int | None = None
    remaining: int | None = None


class Milestone(NamedTuple):
    """A step of a package with its share of the value; weights count in proportion to each other."""

    weight: Decimal
    reached: int | None = None


class Spent(NamedTuple):
    """An actual cost, or with a negative amount a credit, at some time."""

    at: int
    amount: Decimal


NOTHING = Report(at=0, percent=ZERO)


class Ledger:
    """Actual costs over time."""

    def __init__(self, costs: Sequence[Spent]) -> None:
        ordered = sorted(costs, key=attrgetter("at"))
        self._moments = [cost.at for cost in ordered]
        self._sums = [ZERO, *accumulate(cost.amount for cost in ordered)]

    def until(self, moment: int) -> Decimal:
        """What was spent until a moment, that included."""
        return self._sums[bisect_right(self._moments, moment)]


@dataclass(frozen=True, kw_only=True)
class Package:
    """The smallest part of a project that has a budget.

    Attributes:
        id: Its name.
        start: When it begins by the baseline.
        finish: When it ends by the baseline.
        variable: Budget of the work, spent evenly over its working time.
        fixed: Budget beside it.
        accrual: When that is spent.
        work: Planned minutes of work, of everybody who does it.
        clock: Its working time.
        method: How its value is earned.
        milestones: For :attr:`Method.WEIGHTED_MILESTONES`.
        base: For :attr:`Method.APPORTIONED_EFFORT`: in proportion to which it earns; one that earns by its own work.
        reports: What was reported, by time; the last one until a moment holds.
        costs: What it cost.
    """

    id: str
    start: int
    finish: int
    clock: WorkTime
    variable: Decimal = ZERO
    fixed: Decimal = ZERO
    accrual: Accrual = Accrual.PRORATED
    work: int = 0
    method: Method = Method.PERCENT_COMPLETE
    milestones: Sequence[Milestone] = ()
    base: "Package | None" = None
    reports: Sequence[Report] = ()
    costs: Sequence[Spent] = ()

    @property
    def budget(self) -> Decimal:
        """Budget at completion."""
        return self.variable + self.fixed

    def planned_share(self, moment: int) -> Decimal:
        """The part of its working time that is over by the baseline, 0 to 1."""
        if moment >= self.finish:
            return ONE
        if moment <= self.start:
            return ZERO
        begin, end = self.span
        return Decimal(self.clock.work(moment) - begin) / (end - begin) if end > begin else ZERO

    def planned(self, moment: int) -> Decimal:
        """Planned value: the budget of what was to be done by a moment.

        At the very moment of its start nothing has been planned yet; at that of its end everything.
        """
        share = self.planned_share(moment)
        return self.variable * share + self.fixed * self._fixed_share(moment, share)

    def report(self, moment: int) -> Report:
        """What was known at a moment."""
        index = bisect_right(self._report_moments, moment)
        return self.reports[index - 1] if index else NOTHING

    def earned_share(self, moment: int) -> Decimal:
        """The part of the budget that was earned by a moment, 0 to 1."""
        if self.method is Method.LEVEL_OF_EFFORT:
            return self.planned(moment) / self.budget if self.budget else self.planned_share(moment)
        if self.method is Method.WEIGHTED_MILESTONES:
            return self._reached(moment)
        if self.method is Method.APPORTIONED_EFFORT:
            return ZERO if self.base is None else self.base.earned_share(moment)
        known = self.report(moment)
        if known.finished is not None and known.finished <= moment:
            return ONE
        if self.method is Method.PERCENT_COMPLETE:
            return known.percent / HUNDRED
        begun = self.method is Method.FIFTY_FIFTY and known.started is not None and known.started <= moment
        return _HALF if begun else ZERO

    def earned(self, moment: int) -> Decimal:
        """Earned value: the budget of what was done by a moment."""
        return self.budget * self.earned_share(moment)

    def actual(self, moment: int) -> Decimal:
        """Actual cost until a moment."""
        return self._ledger.until(moment)

    def remaining(self, moment: int) -> Decimal:
        """Minutes of work left at a moment, as reported or by the percentage."""
        known = self.report(moment)
        if known.finished is not None and known.finished <= moment:
            return ZERO
        return Decimal(known.remaining) if known.remaining is not None else self.work * (ONE - known.percent / HUNDRED)

    @cached_property
    def span(self) -> tuple[int, int]:
        """Working minutes of the clock at the start and at the finish."""
        return self.clock.work(self.start), self.clock.work(self.finish)

    @cached_property
    def _report_moments(self) -> Sequence[int]:
        return [report.at for report in self.reports]

    @cached_property
    def _ledger(self) -> Ledger:
        return Ledger(self.costs)

    def _fixed_share(self, moment: int, share: Decimal) -> Decimal:
        if self.accrual is Accrual.PRORATED:
            return share
        if self.accrual is Accrual.END:
            return ONE if moment >= self.finish else ZERO
        return ONE if moment > self.start or moment >= self.finish else ZERO

    def _reached(self, moment: int) -> Decimal:
        total = sum((one.weight for one in self.milestones), ZERO)
        reached = (one.weight for one in self.milestones if one.reached is not None and one.reached <= moment)
        return sum(reached, ZERO) / total if total else ZERO
