"""What projects cost, month by month."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from crm_platform.currencies import minor_unit
from project_svc.plan.service import priced
from project_svc.portfolio_trials.trying.joint import Joint
from project_svc.scheduling.calendars.zones import datetime_of, moment_of

Months = dict[tuple[date, str], Decimal]


def costs_of(joint: Joint, as_of: date) -> Months:
    """Costs by month of the company and currency, from the month of ``as_of`` on.

    A task costs evenly from its start to its finish.
    """
    found: Months = defaultdict(Decimal)
    dates, durations = joint.levelling.schedule.dates, {task.id: task.duration for task in joint.plan.tasks}
    first = as_of.replace(day=1)
    for member in joint.members:
        plan, tasks = member.whole.plan, member.whole.tasks
        for id, cost in priced(tasks.values(), member.around, dates, plan.currency).costs.items():
            whole = cost.of(durations[str(UUID(id))])
            for month, share in _shares(dates[id].start, dates[id].finish, ZoneInfo(member.around.zone)):
                if whole and month >= first:
                    found[month, plan.currency] += whole * share
    return {(month, code): amount.quantize(minor_unit(code)) for (month, code), amount in found.items()}


def _shares(begin: int, end: int, zone: ZoneInfo) -> Iterator[tuple[date, Decimal]]:
    """Months from one moment to another, and which part of the time each has."""
    at = begin
    while True:
        day = datetime_of(at, zone)
        until = min(moment_of(_next(day)), max(end, begin))
        yield day.date().replace(day=1), Decimal(until - at) / (end - begin) if end > begin else Decimal(1)
        if until >= end:
            return
        at = until


def _next(day: datetime) -> datetime:
    """The beginning of the month after that of ``day``."""
    first = day.replace(day=1, hour=0, minute=0)
    return first.replace(year=day.year + day.month // 12, month=day.month % 12 + 1)
