"""Figures of accepted deliveries."""

from datetime import date
from typing import Any, Final
from uuid import UUID

from crm_platform.companies import ZONE_SQL
from crm_platform.context import Caller
from crm_platform.db import Connection
from crm_platform.reads.visibility import VISIBLE_SQL, sql_args

KEYS: Final = {
    "all": "''",
    "customer": "customer_id::text",
    "project": "project_id::text",
    "month": f"to_char(accepted_at AT TIME ZONE {ZONE_SQL}, 'YYYY-MM')",
}
"""What a row of each dimension is about, in SQL."""

_RATES: Final = """
SELECT {key} AS key, count(*)::int AS accepted, count(*) FILTER (WHERE on_time)::int AS on_time,
  count(*) FILTER (WHERE submissions = 1 AND open_points = '[]')::int AS first_time_right
FROM deliveries
WHERE {visible} AND status = 'accepted' AND submissions > 0
  AND ($4::date IS NULL OR accepted_at >= $4::date::timestamp AT TIME ZONE {zone})
  AND ($5::date IS NULL OR accepted_at < ($5::date + 1)::timestamp AT TIME ZONE {zone})
  AND ($6::uuid IS NULL OR customer_id = $6) AND ($7::uuid IS NULL OR project_id = $7)
GROUP BY 1 ORDER BY 1 LIMIT 1000
"""


async def rates(
    connection: Connection,
    caller: Caller,
    dimension: str,
    *,
    first: date | None,
    last: date | None,
    customer_id: UUID | None,
    project_id: UUID | None,
) -> list[Any]:
    """Counts of what the caller may see, accepted on the days ``first`` to ``last`` of the company."""
    statement = _RATES.format(key=KEYS[dimension], visible=VISIBLE_SQL, zone=ZONE_SQL)
    return list(await connection.fetch(statement, *sql_args(caller), first, last, customer_id, project_id))
