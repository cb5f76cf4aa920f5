"""Three plain rates for those who do not want to learn earned value, each with its unit."""

from dataclasses import dataclass
from decimal import Decimal

from project_svc.earned_value.values import Reason, Value, ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class Simple:
    """Plain indicators.

    Attributes:
        work_done: Minutes of planned work that are done.
        work_planned: Minutes of planned work in all.
        elapsed: Working minutes of the project's calendar since its start.
        cost: Spent so far.
        budget: In all.
    """

    work_done: Decimal
    work_planned: Decimal
    elapsed: Decimal
    cost: Decimal
    budget: Decimal

    @property
    def progress_rate(self) -> Value:
        """Work by time: hours of work done in an hour of working time."""
        return ratio(self.work_done, self.elapsed, Reason.NOT_STARTED)

    @property
    def outcome_rate(self) -> Value:
        """Work by cost: hours of work done for one unit of currency."""
        return ratio(self.work_done / 60, self.cost, Reason.NO_ACTUAL_COST)

    @property
    def risk_ratio(self) -> Value:
        """Progress by cost: the part of the work that is done by the part of the budget that is spent.

        Under 1 money goes faster than the work does.
        """
        if not self.work_planned:
            return Reason.NOTHING_PLANNED
        if not self.budget:
            return Reason.NO_BUDGET
        return ratio(self.work_done / self.work_planned, self.cost / self.budget, Reason.NO_ACTUAL_COST)
