"""Queries of schedules."""

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from crm_platform.db import Connection
from project_svc.schedules.models import optimised_schedules

_STAMP = """
SELECT concat_ws('.', coalesce((SELECT version FROM plans WHERE id = $1), 0), starts_on,
    (SELECT concat_ws('.', count(*), sum(version)) FROM work_calendars),
    (SELECT concat_ws('.', count(*), sum(version)) FROM resources), (SELECT time_zone FROM known_companies))
FROM projects WHERE id = $1
"""
_KEEP = f"""
INSERT INTO {optimised_schedules.name} (project_id, operation_id, plan_revision, stamp, found_at, body)
VALUES ($1, $2, $3, $4, $5, $6::text::jsonb)
ON CONFLICT (tenant_id, project_id) DO UPDATE SET operation_id = excluded.operation_id,
    plan_revision = excluded.plan_revision, stamp = excluded.stamp, found_at = excluded.found_at, body = excluded.body
"""
_KEPT = f"""
SELECT operation_id, plan_revision, stamp, found_at, body::text AS body
FROM {optimised_schedules.name} WHERE project_id = $1
"""


async def stamp_of(connection: Connection, project_id: UUID) -> str:
    """What the schedule of a project is made of: the revision of its plan, its first day, calendars and resources.

    Also the time zone of the company, in which plans and people without a calendar work. Versions only grow and none of
    what has one is ever removed, so that equal sums are equal states.
    """
    stamp: str = await connection.fetchval(_STAMP, project_id)
    return stamp


async def keep(
    connection: Connection,
    project_id: UUID,
    operation_id: UUID,
    *,
    plan_revision: int,
    stamp: str,
    found_at: datetime,
    body: dict[str, Any],
) -> None:
    """Keep an optimised schedule in place of the one before."""
    text = orjson.dumps(body).decode()
    await connection.execute(_KEEP, project_id, operation_id, plan_revision, stamp, found_at, text)


async def kept(connection: Connection, project_id: UUID) -> Any:
    """The optimised schedule of a project; None where there is none."""
    return await connection.fetchrow(_KEPT, project_id)
