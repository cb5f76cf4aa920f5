"""Keeping the standings of projects up to date, and what the other slices need of that."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from crm_platform.clock import utc_now
from crm_platform.companies import zone_of
from crm_platform.days import day_of
from crm_platform.db import Connection
from crm_platform.reads import Reader
from project_svc.deliveries import service as deliveries
from project_svc.monitoring import service as monitoring
from project_svc.plan import service as plans
from project_svc.projects import service as projects
from project_svc.schedules import service as schedules
from project_svc.standings import repository
from project_svc.standings.domain import Standing, midnights
from project_svc.standings.models import project_standings
from project_svc.standings.reckoning.standing import Facts, demands_of, standing_of

__all__ = ["bring_up_to_date", "demands_of", "follow_up", "look_at", "midnights", "project_standings", "stale_after"]

AT_ONCE: Final = 25
"""Projects that a request brings up to date before it answers; more are left to the sweep."""


async def follow_up(reader: Reader) -> int:
    """:func:`bring_up_to_date` for a request that only reads, in a transaction of its own."""
    async with reader.open() as connection, connection.transaction():
        return await bring_up_to_date(connection)


async def bring_up_to_date(connection: Connection) -> int:
    """Look at the projects that have changed lately; returns how many are left that nobody has looked at since.

    What is kept follows from the records alone: it may be made again at any time, by several at once.
    """
    found = await repository.changed(connection, AT_ONCE + 1)
    if found:
        await look_at(connection, found[:AT_ONCE])
    return len(found) - min(len(found), AT_ONCE)


async def stale_after(connection: Connection, after: UUID, number: int) -> list[UUID]:
    """So many projects behind ``after`` of which what is kept is out of date, by id."""
    return await repository.stale(connection, after, number)


async def look_at(connection: Connection, ids: Sequence[UUID]) -> None:
    """Keep how projects stand at this moment."""
    now = utc_now()
    stamps = await repository.stamps(connection, ids)
    facts = await _facts(connection, ids, now)
    found: list[Standing] = await asyncio.to_thread(lambda: [standing_of(one) for one in facts])
    await repository.keep(connection, found, stamps, now)


async def _facts(connection: Connection, ids: Sequence[UUID], now: datetime) -> list[Facts]:
    worths = await monitoring.worths(connection, ids, now)
    measured = await monitoring.measures(connection, ids, now, worths)
    today = day_of(now, await zone_of(connection))
    reasons = await monitoring.verdicts(connection, measured, today)
    late = await deliveries.count_late(connection, today)
    risks = await repository.risks(connection, ids)
    costs: dict[UUID, dict[str, Decimal]] = defaultdict(dict)
    for row in await repository.risk_costs(connection, ids):
        costs[row["project_id"]][row["currency"]] = row["amount"]
    baselines = await repository.baselines(connection, ids)
    due = await deliveries.next_due(connection, ids)
    found = []
    for id in ids:
        project = await projects.state_of(connection, id)
        counts = dict(risks.get(id, {}))
        counts.pop("project_id", None)
        counts |= {"overdue_deliveries": late.get(id, (0, 0))[1], "open_issues": int(measured[id]["open_issues"])}
        found.append(
            Facts(
                project_id=id,
                currency=await plans.currency_of(connection, project),
                reckoning=await _reckoning(connection, project),
                baseline=baselines.get(id),
                worth=worths.get(id),
                reasons=reasons[id],
                counts=counts,
                risk_costs=costs[id],
                delivery=due.get(id),
                now=now,
            )
        )
    return found


async def _reckoning(connection: Connection, project: projects.Project) -> schedules.Reckoning | None:
    try:
        return await schedules.reckoning_in(connection, project)
    except plans.UNRECKONABLE:
        return None
