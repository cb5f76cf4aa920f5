"""Statements about the figures of data quality."""

from datetime import date
from typing import Final

from crm_contracts.quality.v1 import QualityDimension
from crm_platform.context import Caller
from crm_platform.db import Connection
from crm_platform.reads.visibility import VISIBLE_SQL, sql_args
from customer_svc.quality_days.domain import Figures

_FIGURES: Final = f"""
WITH scored AS MATERIALIZED (
  SELECT id, score, failed, source, owner_id, team_id FROM quality_scores WHERE {VISIBLE_SQL}
), total AS (
  SELECT count(*)::int AS records FROM scored
), broken AS (
  SELECT scored.id, rule.code, rule.member FROM scored
  JOIN quality_rules AS rule ON rule.id = ANY (scored.failed) WHERE scored.failed <> '{{}}'
)
SELECT CASE GROUPING(source, owner_id, team_id) WHEN 7 THEN 'all' WHEN 3 THEN 'source' WHEN 5 THEN 'owner' ELSE 'team'
  END AS dimension, coalesce(source, owner_id::text, team_id::text, '') AS key, count(*)::int AS records,
  count(*) FILTER (WHERE failed <> '{{}}')::int AS failing, coalesce(sum(score), 0) AS score_sum
FROM scored GROUP BY GROUPING SETS ((), (source), (owner_id), (team_id))
UNION ALL
SELECT 'rule', code, records, count(*)::int, NULL FROM broken CROSS JOIN total GROUP BY code, records
UNION ALL
SELECT 'member', member, records, count(DISTINCT id)::int, NULL FROM broken CROSS JOIN total
WHERE member IS NOT NULL GROUP BY member, records
"""
_KEEP: Final = """
INSERT INTO quality_days AS known (id, day, dimension, key, records, failing, score_sum)
SELECT gen_random_uuid(), $1, told.* FROM unnest($2::text[], $3::text[], $4::int[], $5::int[], $6::bigint[]) AS told
ON CONFLICT (tenant_id, dimension, key, day) DO UPDATE
SET records = excluded.records, failing = excluded.failing, score_sum = excluded.score_sum
WHERE (known.records, known.failing, known.score_sum)
  IS DISTINCT FROM (excluded.records, excluded.failing, excluded.score_sum)
"""
_DROP_OTHERS: Final = """
DELETE FROM quality_days WHERE day = $1 AND NOT EXISTS (
  SELECT 1 FROM unnest($2::text[], $3::text[]) AS told (dimension, key)
  WHERE told.dimension = quality_days.dimension AND told.key = quality_days.key
)
"""
_FORGET: Final = "DELETE FROM quality_days WHERE day < $1"


async def figures(connection: Connection, caller: Caller) -> list[Figures]:
    """The figures of this moment, in every dimension, of the customers that ``caller`` may see."""
    rows = await connection.fetch(_FIGURES, *sql_args(caller))
    return [Figures(QualityDimension(row["dimension"]), *tuple(row)[1:]) for row in rows]


async def keep(connection: Connection, day: date, all_figures: list[Figures]) -> None:
    """Write the figures of a day in the place of those that there are."""
    kinds, keys = [one.dimension.value for one in all_figures], [one.key for one in all_figures]
    records, failing = [one.records for one in all_figures], [one.failing for one in all_figures]
    await connection.execute(_KEEP, day, kinds, keys, records, failing, [one.score_sum for one in all_figures])
    await connection.execute(_DROP_OTHERS, day, kinds, keys)


async def forget(connection: Connection, before: date) -> None:
    """Drop the figures of days before one."""
    await connection.execute(_FORGET, before)
