"""Two plans, or a plan and a baseline, beside each other; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from project_svc.schedules.computing.reckoning import Reckoning, moment, money
from project_svc.scheduling.baselines import Baseline, Variance, compared
from project_svc.scheduling.calendars.worktime import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One side of a comparison.

    Attributes:
        baseline: Dates and costs.
        names: Of its tasks.
        currency: Of its costs.
        starts: Its first moment; None where it has no tasks.
        finishes: Its last one.
    """

    baseline: Baseline
    names: Mapping[str, str]
    currency: str
    starts: int | None
    finishes: int | None

    def shown(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "starts_at": None if self.starts is None else moment(self.starts),
            "finishes_at": None if self.finishes is None else moment(self.finishes),
            "cost": money(self.baseline.cost, self.currency),
            "critical_path": list(self.baseline.critical_path),
        }


def side_of(reckoning: Reckoning) -> Compared:
    """A plan as it is reckoned."""
    some = bool(reckoning.tasks)
    return Compared(
        baseline=reckoning.baseline,
        names={str(id): task.name for id, task in reckoning.tasks.items()},
        currency=reckoning.plan.currency,
        starts=reckoning.schedule.start if some else None,
        finishes=reckoning.schedule.finish if some else None,
    )


def comparison(before: Compared, after: Compared, calendar: Source) -> dict[str, Any]:
    """What differs, as JSON; differences of cost are in the currency of the later one."""
    found = compared(before.baseline, after.baseline, calendar)
    same = before.currency == after.currency
    cost = found.cost if same else after.baseline.cost
    return {
        "before": before.shown(),
        "after": after.shown(),
        "finish": found.finish,
        "cost": money(cost, after.currency),
        "changed": [_variance(one, after, same=same) for one in found.changed],
        "added": [{"id": id, "name": after.names[id]} for id in found.added],
        "removed": [{"id": id, "name": before.names[id]} for id in found.removed],
    }


def _variance(one: Variance, after: Compared, *, same: bool) -> dict[str, Any]:
    cost: Decimal = one.cost if same else after.baseline.tasks[one.task].cost
    return {
        "task_id": one.task,
        "name": after.names[one.task],
        "start": one.start,
        "finish": one.finish,
        "work": one.work,
        "cost": money(cost, after.currency),
    }
