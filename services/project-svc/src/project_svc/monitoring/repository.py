"""What is on record of many projects, in a few statements."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from crm_contracts.execution.v1 import MonitorLevel
from crm_platform.context import Caller
from crm_platform.db import Connection
from crm_platform.reads.visibility import VISIBLE_SQL, sql_args

_UNDER_WAY: Final = f"""
SELECT id FROM projects WHERE status NOT IN ('draft', 'cancelled', 'closed') AND ({VISIBLE_SQL})
ORDER BY updated_at DESC, id LIMIT {{limit}}
"""
_PROJECTS: Final = """
SELECT project.id, project.name, project.due_on, plan.calendar_id, plan.status_at
FROM projects AS project LEFT JOIN plans AS plan ON plan.id = project.id WHERE project.id = ANY ($1::uuid[])
"""
# The last one set by then; of projects that were planned later, the first.
_BASELINES: Final = """
SELECT DISTINCT ON (project_id) project_id, id, number, name, cost_currency FROM baselines
WHERE project_id = ANY ($1::uuid[]) AND task_count > 0
ORDER BY project_id, created_at <= $2 DESC, CASE WHEN created_at <= $2 THEN -number ELSE number END
"""
_PLANNED: Final = """
SELECT kept.baseline_id, kept.task_id, kept.name, kept.starts_at, kept.finishes_at, kept.work, kept.cost,
  least(kept.cost, coalesce(kept.fixed_cost, task.fixed_cost_amount, 0)) AS fixed_cost
FROM baseline_tasks AS kept LEFT JOIN tasks AS task ON task.id = kept.task_id
WHERE kept.baseline_id = ANY ($1::uuid[]) ORDER BY kept.starts_at, kept.task_id
"""
_TASKS: Final = """
SELECT id, project_id, parent_id, name, kind, calendar_id, percent_complete, actual_start, actual_finish, remaining,
  updated_at, earning
FROM tasks WHERE project_id = ANY ($1::uuid[]) ORDER BY id
"""
_RISK_TOTAL: Final = """
SELECT project_id, sum(score)::int AS total FROM risks
WHERE project_id = ANY ($1::uuid[]) AND status <> 'closed' GROUP BY project_id
"""

_FACTS: Final = """
SELECT project.id, project.due_on < $2 AND project.status IN ('active', 'on_hold', 'planned') AS overdue,
  coalesce(late.number, 0) AS overdue_deliveries, coalesce(over.number, 0) AS exceeded_risks
FROM projects AS project
LEFT JOIN (
  SELECT project_id, count(*)::int AS number FROM deliveries
  WHERE project_id = ANY ($1::uuid[]) AND due_on < $2 AND status NOT IN ('accepted', 'cancelled') GROUP BY project_id
) AS late ON late.project_id = project.id
LEFT JOIN (
  SELECT project_id, count(*)::int AS number FROM risks
  WHERE project_id = ANY ($1::uuid[]) AND exceeded AND status <> 'closed' GROUP BY project_id
) AS over ON over.project_id = project.id
WHERE project.id = ANY ($1::uuid[])
"""
_ALERTS: Final = """
SELECT project_id, name, level FROM (
  SELECT project_id, name, level, row_number() OVER (PARTITION BY project_id ORDER BY level, name) AS place
  FROM monitors WHERE project_id = ANY ($1::uuid[]) AND level <> 'normal'
) AS alerts WHERE place <= 100 ORDER BY project_id, level, name
"""


async def under_way(connection: Connection, caller: Caller, *, limit: int) -> list[UUID]:
    """The projects that are under way or completed and that ``caller`` may see, those that changed last first."""
    rows = await connection.fetch(_UNDER_WAY.format(limit=int(limit)), *sql_args(caller))
    return [row["id"] for row in rows]


async def projects(connection: Connection, ids: Sequence[UUID]) -> Sequence[Any]:
    """Name, due date, calendar and status date of projects."""
    rows: Sequence[Any] = await connection.fetch(_PROJECTS, list(ids))
    return rows


async def baselines(connection: Connection, ids: Sequence[UUID], at: datetime) -> Sequence[Any]:
    """The baseline of each project that was in force at a moment, or the first one after it; only those with tasks."""
    rows: Sequence[Any] = await connection.fetch(_BASELINES, list(ids), at)
    return rows


async def planned(connection: Connection, baseline_ids: Sequence[UUID]) -> Sequence[Any]:
    """The tasks of baselines."""
    rows: Sequence[Any] = await connection.fetch(_PLANNED, list(baseline_ids))
    return rows


async def tasks(connection: Connection, ids: Sequence[UUID]) -> Sequence[Any]:
    """All tasks of projects as they are now, summaries too."""
    rows: Sequence[Any] = await connection.fetch(_TASKS, list(ids))
    return rows


async def risk_totals(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, int]:
    """Probability times impact of the open risks of projects, added up."""
    return {row["project_id"]: row["total"] for row in await connection.fetch(_RISK_TOTAL, list(ids))}


async def facts(connection: Connection, ids: Sequence[UUID], today: date) -> dict[UUID, Any]:
    """What is overdue in projects, and how many of their risks are over their threshold."""
    return {row["id"]: row for row in await connection.fetch(_FACTS, list(ids), today)}


async def alerts(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, list[tuple[str, MonitorLevel]]]:
    """Names and levels of the monitors of projects that are not normal, the critical ones first."""
    found: dict[UUID, list[tuple[str, MonitorLevel]]] = {}
    for row in await connection.fetch(_ALERTS, list(ids)):
        found.setdefault(row["project_id"], []).append((row["name"], MonitorLevel(row["level"])))
    return found
