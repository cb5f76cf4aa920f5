"""Which projects have changed since they were looked at, and what is kept of them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from crm_platform.db import Connection
from project_svc.standings.domain import Standing
from project_svc.standings.models import AMOUNTS, INDICES

_RECORDS: Final = (
    *("tasks", "baselines", "progress_reports", "project_costs"),
    *("risks", "deliveries", "issues", "monitors"),
)
"""Tables of records of a project, by which its figures go."""

_COUNTS: Final = ("open_risks", "exceeded_risks", "risk_score", "overdue_tasks", "overdue_deliveries", "open_issues")
_TIMES: Final = (
    *("baseline_starts_at", "baseline_finishes_at", "planned_starts_at", "planned_finishes_at"),
    *("forecast_finishes_at", "milestone_at"),
)
_COLUMNS: Final = (
    ("project_id", "uuid"),
    ("computed_at", "timestamptz"),
    ("stamp", "text"),
    ("health", "text"),
    ("reasons", "jsonb"),
    ("currency", "text"),
    ("other_risk_costs", "jsonb"),
    ("milestone_id", "uuid"),
    ("delivery_id", "uuid"),
    ("delivery_on", "date"),
    *((name, "numeric") for name in (*AMOUNTS, *INDICES)),
    *((name, "integer") for name in _COUNTS),
    *((name, "timestamptz") for name in _TIMES),
)

_LATELY: Final = "updated_at > now() - interval '10 min'"
_LATELY_CHANGED: Final = " ".join(
    f"UNION ALL SELECT project_id, updated_at FROM {table} WHERE {_LATELY}" for table in _RECORDS
)
# A transaction that began before the look and committed after it is older than the look, hence the margin. Whatever is
# older than the ten minutes, or was deleted, is for the sweep, which compares stamps.
_CHANGED: Final = f"""
WITH recent AS (
  SELECT project_id, max(updated_at) AS updated_at FROM (
    SELECT id AS project_id, updated_at FROM projects WHERE {_LATELY}
    UNION ALL SELECT id, updated_at FROM plans WHERE {_LATELY}
    {_LATELY_CHANGED}
    UNION ALL SELECT needed.project_id, resource.updated_at
      FROM (SELECT id, updated_at FROM resources WHERE {_LATELY}) AS resource
      JOIN task_assignments AS needed ON needed.resource_id = resource.id
  ) AS changes GROUP BY project_id
)
SELECT project.id FROM projects AS project
LEFT JOIN project_standings AS kept ON kept.project_id = project.id
LEFT JOIN recent ON recent.project_id = project.id
WHERE kept.project_id IS NULL OR kept.computed_at < recent.updated_at + interval '15 s'
ORDER BY kept.project_id IS NOT NULL, project.updated_at DESC, project.id LIMIT $1
"""

_KEPT_AS: Final = "2"
"""Counts the ways of keeping figures: those that were kept in another one are made again."""

_SUM: Final = "count(*) || '.' || sum(version) || '.' || extract(epoch FROM max(updated_at))"
_STAMPS_OF_RECORDS: Final = ", ".join(f"{table}.stamp" for table in _RECORDS)
_RECORDS_STAMPED: Final = " ".join(
    f"LEFT JOIN (SELECT project_id, {_SUM} AS stamp FROM {table} GROUP BY project_id) AS {table}"
    f" ON {table}.project_id = project.id"
    for table in _RECORDS
)
_STAMPED: Final = f"""
SELECT project.id, concat_ws(
  ' ', '{_KEPT_AS}',
  project.version, plan.version, (SELECT {_SUM} FROM work_calendars), (SELECT time_zone FROM known_companies),
  worker.stamp, {_STAMPS_OF_RECORDS}
) AS stamp
FROM projects AS project LEFT JOIN plans AS plan ON plan.id = project.id
LEFT JOIN (
  SELECT needed.project_id, sum(resource.version)::text AS stamp
  FROM task_assignments AS needed JOIN resources AS resource ON resource.id = needed.resource_id
  GROUP BY needed.project_id
) AS worker ON worker.project_id = project.id
{_RECORDS_STAMPED}
"""
_STAMPS: Final = f"{_STAMPED} WHERE project.id = ANY ($1::uuid[])"
_STALE: Final = f"""
SELECT stamped.id FROM ({_STAMPED}) AS stamped
JOIN projects AS project ON project.id = stamped.id
LEFT JOIN project_standings AS kept ON kept.project_id = stamped.id
WHERE stamped.id > $1 AND (
  kept.stamp IS DISTINCT FROM stamped.stamp
  OR (kept.computed_at < now() - interval '1 h' AND project.status NOT IN ('closed', 'cancelled'))
) ORDER BY stamped.id LIMIT $2
"""
_NAMES: Final = ", ".join(name for name, _ in _COLUMNS)
_TYPED: Final = ", ".join(f"given.{name}::{kind}" for name, kind in _COLUMNS)
_ARRAYS: Final = ", ".join(
    f"${place}::{'text' if kind == 'jsonb' else kind}[]" for place, (_, kind) in enumerate(_COLUMNS, 1)
)
_SETS: Final = ", ".join(f"{name} = excluded.{name}" for name, _ in _COLUMNS[1:])
_KEEP: Final = f"""
INSERT INTO project_standings AS kept ({_NAMES})
SELECT {_TYPED} FROM unnest({_ARRAYS}) AS given ({_NAMES}) ORDER BY given.project_id
ON CONFLICT (tenant_id, project_id) DO UPDATE SET {_SETS} WHERE kept.computed_at <= excluded.computed_at
RETURNING project_id
"""
_FORGET: Final = "DELETE FROM resource_demands WHERE project_id = ANY ($1::uuid[])"
_NEED: Final = """
INSERT INTO resource_demands (task_id, resource_id, project_id, first_on, last_on, minutes)
SELECT task_id, resource_id, project_id, first_on, last_on, minutes::integer[] FROM unnest(
  $1::uuid[], $2::uuid[], $3::uuid[], $4::date[], $5::date[], $6::text[]
) AS given (task_id, resource_id, project_id, first_on, last_on, minutes)
"""
_RISKS: Final = """
SELECT project_id, count(*)::int AS open_risks, count(*) FILTER (WHERE exceeded)::int AS exceeded_risks,
  sum(score)::int AS risk_score FROM risks
WHERE project_id = ANY ($1::uuid[]) AND status <> 'closed' GROUP BY project_id
"""
_RISK_COSTS: Final = """
SELECT project_id, expected_cost_currency AS currency, sum(expected_cost_amount) AS amount FROM risks
WHERE project_id = ANY ($1::uuid[]) AND status <> 'closed' AND expected_cost_amount IS NOT NULL
GROUP BY 1, 2 ORDER BY 1, 2
"""
_BASELINES: Final = """
SELECT DISTINCT ON (project_id) project_id, starts_at, finishes_at FROM baselines
WHERE project_id = ANY ($1::uuid[]) AND task_count > 0 ORDER BY project_id, number DESC
"""


async def changed(connection: Connection, limit: int) -> list[UUID]:
    """Projects that nobody has looked at, or that have changed lately and since then; at most so many."""
    return [row["id"] for row in await connection.fetch(_CHANGED, limit)]


async def stale(connection: Connection, after: UUID, limit: int) -> list[UUID]:
    """Projects behind ``after`` of which something has changed, or whose figures are an hour old; by id."""
    return [row["id"] for row in await connection.fetch(_STALE, after, limit)]


async def stamps(connection: Connection, ids: Collection[UUID]) -> dict[UUID, str]:
    """The versions of all records of projects, as one text for each."""
    return {row["id"]: row["stamp"] for row in await connection.fetch(_STAMPS, list(ids))}


async def risks(connection: Connection, ids: Collection[UUID]) -> dict[UUID, dict[str, int]]:
    """Counts of the risks of projects that are not closed."""
    return {row["project_id"]: dict(row) for row in await connection.fetch(_RISKS, list(ids))}


async def risk_costs(connection: Connection, ids: Collection[UUID]) -> Sequence[Any]:
    """Expected costs of the risks of projects, by project and currency."""
    rows: Sequence[Any] = await connection.fetch(_RISK_COSTS, list(ids))
    return rows


async def baselines(connection: Connection, ids: Collection[UUID]) -> dict[UUID, tuple[datetime, datetime]]:
    """First start and last finish of the latest baseline of projects that have one."""
    rows = await connection.fetch(_BASELINES, list(ids))
    return {row["project_id"]: (row["starts_at"], row["finishes_at"]) for row in rows}


async def keep(connection: Connection, standings: Sequence[Standing], stamped: dict[UUID, str], at: datetime) -> None:
    """Keep what was found at a moment, unless something that was found later is kept already."""
    if not standings:
        return
    rows = [_row(one, stamped.get(one.project_id, ""), at) for one in standings]
    kept = {row["project_id"] for row in await connection.fetch(_KEEP, *map(list, zip(*rows, strict=True)))}
    await connection.execute(_FORGET, sorted(kept))
    needs = [
        (need.task_id, need.resource_id, one.project_id, need.first_on, need.last_on, _array(need.minutes))
        for one in standings
        if one.project_id in kept
        for need in one.demands
    ]
    if needs:
        await connection.execute(_NEED, *map(list, zip(*needs, strict=True)))


def _row(one: Standing, stamp: str, at: datetime) -> tuple[Any, ...]:
    return (
        *(one.project_id, at, stamp, one.health, orjson.dumps(list(one.reasons)).decode(), one.currency),
        *(orjson.dumps(list(one.other_risk_costs)).decode(), one.milestone_id, *(one.delivery or (None, None))),
        *(one.figures.get(name) for name in (*AMOUNTS, *INDICES)),
        *(one.counts.get(name, 0) for name in _COUNTS),
        *(one.times.get(name) for name in _TIMES),
    )


def _array(minutes: Sequence[int]) -> str:
    """An array as PostgreSQL reads it: arrays of arrays cannot be of different lengths."""
    return f"{{{','.join(map(str, minutes))}}}"
