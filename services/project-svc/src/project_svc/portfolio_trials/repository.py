"""Which projects a candidate shares people with, directly or through others."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from crm_platform.context import Caller
from crm_platform.db import Connection
from crm_platform.reads.visibility import VISIBLE_SQL, sql_args

_PEERS: Final = f"""
WITH RECURSIVE needed AS (
  SELECT need.project_id, need.resource_id FROM resource_demands AS need
  JOIN projects AS project ON project.id = need.project_id AND project.status IN ('planned', 'active')
  WHERE need.last_on >= $5 AND need.project_id <> $6
), shared AS (
  SELECT unnest($4::uuid[]) AS resource_id
  UNION
  SELECT other.resource_id FROM shared JOIN needed ON needed.resource_id = shared.resource_id
  JOIN needed AS other ON other.project_id = needed.project_id
)
SELECT id, ({VISIBLE_SQL}) AS seen FROM projects
WHERE id IN (SELECT needed.project_id FROM needed JOIN shared ON shared.resource_id = needed.resource_id)
ORDER BY due_on, id
"""
_SKILLED: Final = """
SELECT id FROM resources WHERE active AND kind <> 'material' AND skills && $1::text[] ORDER BY id
"""


async def peers(
    connection: Connection, caller: Caller, resource_ids: Collection[UUID], since: date, *, without: UUID
) -> Sequence[Any]:
    """Projects that are planned or under way and are tied to resources, those due first at first.

    Args:
        connection: Where they are read.
        caller: Who asks; ``seen`` tells whether he may see the project.
        resource_ids: The resources.
        since: Work that ends before this day ties nobody.
        without: A project that does not count.
    """
    arguments = *sql_args(caller), list(resource_ids), since, without
    rows: Sequence[Any] = await connection.fetch(_PEERS, *arguments)
    return rows


async def skilled(connection: Connection, skills: Collection[str]) -> list[UUID]:
    """People and machines that have one of some skills."""
    return [row["id"] for row in await connection.fetch(_SKILLED, sorted(skills))]
