"""The standing of one project, from what is on record of it and from its schedule: pure, and meant for threads."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from crm_contracts.plan.v1 import TaskKind
from project_svc.earned_value.indicators import Forecast
from project_svc.earned_value.values import Reason, Value
from project_svc.monitoring import service as monitoring
from project_svc.plan.service import Task
from project_svc.schedules import service as schedules
from project_svc.scheduling.calendars.worktime import WorkTime
from project_svc.scheduling.calendars.zones import datetime_of
from project_svc.standings.domain import Demand, Standing, assigned_minutes, spread
from project_svc.standings.models import INDICES

_PLACES = Decimal("0.0001")
_BEYOND = Decimal(10) ** 15
"""What is forecast of a project that goes wholly wrong has no limit; what is kept has."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is on record of a project, at one moment.

    Attributes:
        project_id: Which.
        currency: Of its plan.
        reckoning: Its plan with its schedule; None where that has no dates.
        baseline: First start and last finish of its baseline.
        worth: Earned value; None without a baseline.
        reasons: Why it does not stand green.
        counts: Of risks, deliveries and issues.
        risk_costs: Expected costs of its risks, by currency.
        delivery: What it has to deliver next, and when that is due.
        now: The moment.
    """

    project_id: UUID
    currency: str
    reckoning: schedules.Reckoning | None
    baseline: tuple[datetime, datetime] | None
    worth: monitoring.Worth | None
    reasons: Sequence[monitoring.HealthReason]
    counts: Mapping[str, int]
    risk_costs: Mapping[str, Decimal]
    delivery: tuple[UUID, date] | None
    now: datetime


def standing_of(facts: Facts) -> Standing:
    """How a project stands."""
    worth, reckoning = facts.worth, facts.reckoning
    currency = facts.currency if worth is None else worth.currency
    milestone = None if reckoning is None else _milestone(reckoning)
    return Standing(
        project_id=facts.project_id,
        health=monitoring.worst(facts.reasons).value,
        reasons=[_shown(one) for one in facts.reasons],
        currency=currency,
        figures={**_worth(worth), "risk_cost": facts.risk_costs.get(currency)},
        other_risk_costs=[
            {"amount": format(amount.normalize(), "f"), "currency": code}
            for code, amount in facts.risk_costs.items()
            if code != currency
        ],
        counts={**facts.counts, "overdue_tasks": 0 if reckoning is None else _overdue(reckoning, facts.now)},
        times=_times(facts) | {"milestone_at": None if milestone is None else milestone[0]},
        milestone_id=None if milestone is None else milestone[1],
        delivery=facts.delivery,
        demands=() if reckoning is None else tuple(demands_of(reckoning)),
    )


def demands_of(reckoning: schedules.Reckoning) -> Iterator[Demand]:
    """For how long a plan needs whom on which days, by its schedule."""
    clocks: dict[str, WorkTime] = {}
    workers, network = reckoning.around.workers, reckoning.network
    zone = ZoneInfo(reckoning.around.rules(reckoning.plan.calendar_id).zone)
    calendars = {task.id: task.calendar for task in network.tasks}
    for id, dates in reckoning.schedule.dates.items():
        task = reckoning.tasks[UUID(id)]
        needed = [one for one in task.assignments if one.resource_id in workers]
        if task.kind is not TaskKind.TASK or not needed or dates.finish <= dates.start:
            continue
        key = calendars[id]
        clock = clocks.setdefault(key, WorkTime(network.calendars[key], datetime_of(network.start).date()))
        worked = clock.between(dates.start, dates.finish)
        for one in needed:
            total = assigned_minutes(worked, one.units, one.effort)
            found = spread(clock, zone, (dates.start, dates.finish), total)
            if found is not None:
                yield Demand(task.id, one.resource_id, *found)


def _shown(reason: monitoring.HealthReason) -> dict[str, Any]:
    return {
        "code": reason.code,
        "health": reason.health.value,
        "value": None if reason.value is None else round(float(reason.value), 4),
        "limit": None if reason.limit is None else float(reason.limit),
        "text": {"en": reason.words.en, "zh": reason.words.zh},
    }


def _worth(worth: monitoring.Worth | None) -> dict[str, Decimal]:
    if worth is None:
        return {}
    amounts = worth.amounts
    typical = amounts.eac(Forecast.TYPICAL)
    known: dict[str, Value] = {
        "bac": amounts.bac,
        "pv": amounts.pv,
        "ev": amounts.ev,
        "ac": amounts.ac,
        "eac": amounts.eac(Forecast.ATYPICAL) if isinstance(typical, Reason) else typical,
    }
    known |= {name: worth.indices[name] for name in INDICES if name in worth.indices}
    return {
        name: value.quantize(_PLACES)
        for name, value in known.items()
        if not isinstance(value, Reason) and abs(value) < _BEYOND
    }


def _times(facts: Facts) -> dict[str, datetime | None]:
    found: dict[str, datetime | None] = {}
    if facts.baseline is not None:
        found |= {"baseline_starts_at": facts.baseline[0], "baseline_finishes_at": facts.baseline[1]}
    if facts.reckoning is not None and facts.reckoning.tasks:
        schedule = facts.reckoning.schedule
        found["planned_starts_at"] = datetime_of(schedule.start)
        found["planned_finishes_at"] = datetime_of(schedule.finish)
    timing = None if facts.worth is None else facts.worth.timing
    finish = Reason.NOTHING_EARNED if timing is None else timing.finish(timing.ieac)
    found["forecast_finishes_at"] = None if isinstance(finish, Reason) else datetime_of(finish)
    return found


def _milestone(reckoning: schedules.Reckoning) -> tuple[datetime, UUID] | None:
    """The next milestone that is not reached, by its date."""
    dates = reckoning.schedule.dates
    ahead = [
        (datetime_of(dates[str(task.id)].finish), task.id)
        for task in reckoning.tasks.values()
        if task.kind is TaskKind.MILESTONE and not _is_over(task)
    ]
    return min(ahead, default=None)


def _overdue(reckoning: schedules.Reckoning, now: datetime) -> int:
    dates = reckoning.schedule.dates
    leaves = (task for task in reckoning.tasks.values() if task.kind is not TaskKind.SUMMARY and not _is_over(task))
    return sum(datetime_of(dates[str(task.id)].finish) < now for task in leaves)


def _is_over(task: Task) -> bool:
    return task.actual_finish is not None or task.percent_complete == 100  # noqa: PLR2004 - per cent
