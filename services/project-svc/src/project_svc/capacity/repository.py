"""What projects need of resources, and what was worked, by period."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from crm_platform.context import Caller
from crm_platform.db import Connection
from crm_platform.reads.visibility import VISIBLE_SQL, sql_args
from project_svc.capacity.domain import Unit

_COMMITTED: Final = "status IN ('planned', 'active')"
_DAYS: Final = """
CROSS JOIN LATERAL (
  SELECT day.minutes, need.first_on + day.place::int - 1 AS on_day
  FROM unnest(need.minutes) WITH ORDINALITY AS day (minutes, place)
) AS spent
"""
_WORKERS: Final = """
SELECT id FROM resources AS resource
WHERE kind <> 'material' AND ($1::text IS NULL OR $1 = ANY (skills)) AND (active OR EXISTS (
  SELECT 1 FROM resource_demands AS need WHERE need.resource_id = resource.id AND need.first_on <= $3
    AND need.last_on >= $2
))
ORDER BY name, id LIMIT $4
"""
_DEMAND: Final = f"""
SELECT need.resource_id, date_trunc('{{unit}}', spent.on_day::timestamp)::date AS starts_on,
  sum(spent.minutes)::bigint AS minutes
FROM resource_demands AS need JOIN projects AS project ON project.id = need.project_id AND project.{_COMMITTED}
{_DAYS}
WHERE need.resource_id = ANY ($1::uuid[]) AND need.first_on <= $3 AND need.last_on >= $2
  AND spent.on_day BETWEEN $2 AND $3 AND spent.minutes > 0 AND need.project_id <> ALL ($4::uuid[])
GROUP BY 1, 2
"""
_BOOKED: Final = """
SELECT resource.id AS resource_id, date_trunc('{unit}', (entry ->> 'day')::timestamp)::date AS starts_on,
  sum((entry ->> 'minutes')::int)::bigint AS minutes
FROM resources AS resource JOIN timesheets AS sheet ON sheet.user_id = resource.user_id
CROSS JOIN LATERAL jsonb_array_elements(sheet.entries) AS entry
WHERE resource.id = ANY ($1::uuid[]) AND sheet.status IN ('submitted', 'approved')
  AND sheet.week_starts_on BETWEEN $2::date - 6 AND $3::date AND (entry ->> 'day')::date BETWEEN $2 AND $3
GROUP BY 1, 2
"""
_CAUSES: Final = f"""
SELECT causes.*, task.name AS task_name FROM (
  SELECT need.resource_id, over.starts_on, CASE WHEN project.seen THEN project.id END AS project_id,
    CASE WHEN project.seen THEN project.name END AS project_name,
    CASE WHEN project.seen THEN need.task_id END AS task_id, sum(spent.minutes)::bigint AS minutes
  FROM unnest($4::uuid[], $5::date[]) AS over (resource_id, starts_on)
  JOIN resource_demands AS need ON need.resource_id = over.resource_id
  JOIN (SELECT id, name, ({VISIBLE_SQL}) AS seen FROM projects WHERE {_COMMITTED}) AS project
    ON project.id = need.project_id
  {_DAYS}
  WHERE date_trunc('{{unit}}', spent.on_day::timestamp)::date = over.starts_on AND spent.minutes > 0
  GROUP BY 1, 2, 3, 4, 5
) AS causes LEFT JOIN tasks AS task ON task.id = causes.task_id
ORDER BY causes.resource_id, causes.starts_on, causes.minutes DESC, causes.task_id
"""
_PEOPLE_OF: Final = f"""
SELECT DISTINCT need.project_id, need.resource_id, date_trunc('week', spent.on_day::timestamp)::date AS starts_on
FROM resource_demands AS need
JOIN projects AS project ON project.id = need.project_id AND project.{_COMMITTED}
JOIN resources AS resource ON resource.id = need.resource_id AND resource.kind = 'person'
{_DAYS}
WHERE need.project_id = ANY ($1::uuid[]) AND need.first_on <= $3 AND need.last_on >= $2
  AND spent.on_day BETWEEN $2 AND $3 AND spent.minutes > 0
"""


async def workers(connection: Connection, skill: str | None, first: date, last: date, limit: int) -> list[UUID]:
    """People and machines that can be planned, or are needed from ``first`` to ``last``, by name."""
    return [row["id"] for row in await connection.fetch(_WORKERS, skill, first, last, limit)]


async def demand(
    connection: Connection,
    ids: Collection[UUID],
    first: date,
    last: date,
    unit: Unit,
    *,
    without: Collection[UUID] = (),
) -> Sequence[Any]:
    """Minutes for which the projects that are planned or under way need resources, by resource and period.

    Args:
        connection: Where they are read.
        ids: Of the resources.
        first: The first day.
        last: The last day.
        unit: Of the periods.
        without: Projects that do not count.
    """
    arguments = list(ids), first, last, list(without)
    rows: Sequence[Any] = await connection.fetch(_DEMAND.format(unit=unit.value), *arguments)
    return rows


async def booked(connection: Connection, ids: Collection[UUID], first: date, last: date, unit: Unit) -> Sequence[Any]:
    """Minutes that people have worked by timesheets that are submitted or approved, by resource and period."""
    rows: Sequence[Any] = await connection.fetch(_BOOKED.format(unit=unit.value), list(ids), first, last)
    return rows


async def causes(
    connection: Connection, caller: Caller, over: Sequence[tuple[UUID, date]], unit: Unit
) -> Sequence[Any]:
    """Which tasks need resources in periods, the most first; those of projects not visible are without names."""
    resources, starts = [one[0] for one in over], [one[1] for one in over]
    rows: Sequence[Any] = await connection.fetch(_CAUSES.format(unit=unit.value), *sql_args(caller), resources, starts)
    return rows


async def people_of(connection: Connection, ids: Collection[UUID], first: date, last: date) -> Sequence[Any]:
    """In which weeks projects need which people."""
    rows: Sequence[Any] = await connection.fetch(_PEOPLE_OF, list(ids), first, last)
    return rows
