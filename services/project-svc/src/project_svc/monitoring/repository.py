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
  updated_at
FROM tasks WHERE project_id = ANY ($1::uuid[]) ORDER BY id
"""
_RISK_TOTAL: Final = """
SELECT project_id, sum(score)::int AS total FROM risks
WHERE project_id = ANY ($1::uuid[]) AND status <> 'closed' GROUP BY project_id
"""

_FACTS: Final = """
SELECT
  (SELECT count(*) FROM deliveries WHERE project_id = $1 AND due_on < $2
    AND status NOT IN ('accepted', 'cancelled'))::int AS overdue_deliveries,
  (SELECT count(*) FROM risks WHERE project_id = $1 AND exceeded AND status <> 'closed')::int AS exceeded_risks,
  (SELECT due_on < $2 AND status IN ('active', 'on_hold', 'planned') FROM projects WHERE id = $1) AS overdue
"""
_ALERTS: Final = """
SELECT name, level FROM monitors WHERE project_id = $1 AND level <> 'normal' ORDER BY level, name LIMIT 100
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


async def facts(connection: Connection, project_id: UUID, today: date) -> Any:
    """What is overdue in a project, and how many of its risks are over their threshold."""
    return await connection.fetchrow(_FACTS, project_id, today)


async def alerts(connection: Connection, project_id: UUID) -> list[tuple[str, MonitorLevel]]:
    """Names and levels of the monitors of a project that are not normal, the critical ones first."""
    return [(row["name"], MonitorLevel(row["level"])) for row in await connection.fetch(_ALERTS, project_id)]
