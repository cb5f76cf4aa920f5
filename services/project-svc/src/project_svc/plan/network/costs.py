"""What tasks cost: fixed costs, and the rates of those who do them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from crm_contracts.plan.v1 import ResourceKind, TaskAssignment, TaskKind
from project_svc.plan.domain import Task
from project_svc.plan.errors import PlanTooCostly
from project_svc.plan.network.build import Surroundings
from project_svc.scheduling.baselines import Cost
from project_svc.scheduling.calendars.zones import datetime_of
from project_svc.scheduling.network.schedule import Dates

_WHOLE = Decimal(100)
_HOUR = Decimal(60)
MOST = Decimal(10**15)
"""From what on a plan costs too much; amounts have 16 digits before the point, and forecasts go beyond plans."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """What tasks cost, in the currency of the plan.

    Attributes:
        costs: By the id of a task without children, as text.
        unpriced: Tasks with assignments of which no rate says what they cost.
    """

    costs: Mapping[str, Cost]
    unpriced: tuple[str, ...]


def priced(
    tasks: Iterable[Task], around: Surroundings, dates: Mapping[str, Dates], currency: str, *, growing: bool = False
) -> Priced:
    """The costs of tasks by the rates of the day of the company on which they are scheduled to start.

    An assignment with effort costs that; one without, its units over the whole duration; material, its quantity. Where
    work is ``growing``, effort grows with the duration: who needs longer works more. As planned, both cost the same.

    Raises:
        PlanTooCostly: Together they reach :data:`MOST`.
    """
    total = Decimal(0)
    costs: dict[str, Cost] = {}
    unpriced: list[str] = []
    for task in tasks:
        if task.kind is TaskKind.SUMMARY:
            continue
        id = str(task.id)
        stretched = task.duration if growing else 0
        parts = [_assigned(one, around, dates[id], currency, stretched) for one in task.assignments]
        if None in parts:
            unpriced.append(id)
        fixed = Decimal(0) if task.fixed_cost is None else task.fixed_cost.amount
        known = [part for part in parts if part is not None]
        costs[id] = Cost(
            fixed + sum((one.fixed for one in known), Decimal(0)), sum((one.per_hour for one in known), Decimal(0))
        )
        total += costs[id].of(task.duration)
        if total >= MOST:
            raise PlanTooCostly(task_id=task.id, task=task.name, most=f"{MOST:,}")
    return Priced(costs=costs, unpriced=tuple(unpriced))


def _assigned(one: TaskAssignment, around: Surroundings, dates: Dates, currency: str, stretched: int) -> Cost | None:
    """What an assignment costs; effort by the hour of the duration over which it is ``stretched``, if there is one."""
    resource = around.resources[one.resource_id]
    rate = resource.rate_on(datetime_of(dates.start, ZoneInfo(around.zone)).date(), currency)
    if rate is None:
        return None
    if resource.kind is ResourceKind.MATERIAL:
        return Cost(fixed=rate * one.units / _WHOLE)
    if one.effort is None:
        return Cost(per_hour=rate * one.units / _WHOLE)
    return Cost(per_hour=rate * one.effort / stretched) if stretched else Cost(fixed=rate * one.effort / _HOUR)
