"""Statements about scores."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from crm_platform.db import Connection
from customer_svc.quality_scores.domain import SHOWN_SHARERS

Key = str
"""Of what two customers may share: a kind, a colon, and the blind key of a phone or e-mail address, or a name."""

_KEYS: Final = """
WITH own AS (
  SELECT record_id AS id, kind, key, NULL::text AS name FROM customer_keys
  WHERE record_id = ANY ($1) AND kind IN ('phone', 'email')
  UNION ALL
  SELECT id, 'name', NULL, name_key FROM customers WHERE id = ANY ($1) AND kind = 'company'
)
SELECT id, array_agg(kind || ':' || coalesce(key::text, name) ORDER BY kind, key, name) AS keys,
  bool_or(EXISTS (
    SELECT 1 FROM customer_keys AS other
    WHERE other.kind = own.kind AND other.key = own.key AND other.record_id <> own.id
  ) OR EXISTS (
    SELECT 1 FROM customers AS other WHERE other.name_key = own.name AND other.kind = 'company' AND other.id <> own.id
  )) AS shared
FROM own GROUP BY id
"""
_KNOWN_KEYS: Final = "SELECT id, keys FROM quality_scores WHERE id = ANY ($1)"
_MARK_SHARERS: Final = f"""
INSERT INTO quality_marks (id, customer_id)
SELECT gen_random_uuid(), id FROM (
  SELECT other.record_id AS id FROM unnest($1::text[], $2::uuid[]) AS gone (kind, key)
  CROSS JOIN LATERAL (
    SELECT record_id FROM customer_keys AS other WHERE other.kind = gone.kind AND other.key = gone.key
    LIMIT {SHOWN_SHARERS}
  ) AS other
  UNION
  SELECT other.id FROM unnest($3::text[]) AS gone (name)
  CROSS JOIN LATERAL (
    SELECT id FROM customers AS other WHERE other.name_key = gone.name AND other.kind = 'company' LIMIT {SHOWN_SHARERS}
  ) AS other
) AS sharers WHERE id <> ALL ($4)
"""
_KEEP: Final = """
INSERT INTO quality_scores AS known (id, score, failed, keys, source, owner_id, team_id, changed_at, look_again_at)
SELECT id, score, failed, keys, source, owner_id, team_id, $2, look_again_at
FROM json_to_recordset($1::text::json) AS told (
  id uuid, score int, failed uuid[], keys text[], source text, owner_id uuid, team_id uuid, look_again_at timestamptz
) ORDER BY id
ON CONFLICT (tenant_id, id) DO UPDATE SET score = excluded.score, failed = excluded.failed, keys = excluded.keys,
  source = excluded.source, owner_id = excluded.owner_id, team_id = excluded.team_id,
  look_again_at = excluded.look_again_at, changed_at = CASE
    WHEN known.score = excluded.score AND known.failed = excluded.failed THEN known.changed_at ELSE excluded.changed_at
  END
WHERE (known.score, known.failed, known.keys, known.source, known.owner_id, known.team_id, known.look_again_at)
  IS DISTINCT FROM (excluded.score, excluded.failed, excluded.keys, excluded.source, excluded.owner_id,
  excluded.team_id, excluded.look_again_at)
"""
_FORGET: Final = "DELETE FROM quality_scores WHERE id = ANY ($1)"
_DUE: Final = "SELECT id FROM quality_scores WHERE look_again_at <= $1 ORDER BY look_again_at LIMIT $2"
_TAKE_MARKED: Final = """
DELETE FROM quality_marks WHERE id = ANY (ARRAY(SELECT id FROM quality_marks LIMIT $1)) RETURNING customer_id
"""
OF_CUSTOMER: Final = """
SELECT json_build_object('score', (SELECT score FROM quality_scores WHERE id = $1), 'reasons', coalesce((
  SELECT json_agg(json_build_object(
    'rule_id', rule.id, 'code', rule.code, 'member', rule.member, 'severity', rule.severity, 'weight', rule.weight,
    'label', rule.label ->> $2::text, 'message', rule.message ->> $2::text
  ) ORDER BY rule.weight DESC, rule.code)
  FROM quality_rules AS rule JOIN quality_scores AS scored ON rule.id = ANY (scored.failed) WHERE scored.id = $1
), '[]'))::text
"""


@dataclass(frozen=True, slots=True)
class Keys:
    """By what a customer may be the same as another.

    Attributes:
        keys: In order.
        shared: Whether another customer has one of them.
    """

    keys: tuple[Key, ...] = ()
    shared: bool = False


async def keys(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, Keys]:
    """The keys of customers, of those that have any."""
    rows = await connection.fetch(_KEYS, list(ids))
    return {row["id"]: Keys(tuple(row["keys"]), row["shared"]) for row in rows}


async def known_keys(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, tuple[Key, ...]]:
    """The keys that customers had when they were last looked at."""
    return {row["id"]: tuple(row["keys"]) for row in await connection.fetch(_KNOWN_KEYS, list(ids))}


async def mark_sharers(connection: Connection, changed: Collection[Key], besides: Sequence[UUID]) -> None:
    """Have those looked at who have one of these keys, which have come to or gone from others (``besides``)."""
    parted = [key.partition(":") for key in sorted(changed)]
    names = [name for kind, _, name in parted if kind == "name"]
    blind = [(kind, UUID(key)) for kind, _, key in parted if kind != "name"]
    if parted:
        kinds, values = [kind for kind, _ in blind], [key for _, key in blind]
        await connection.execute(_MARK_SHARERS, kinds, values, names, list(besides))


async def keep(connection: Connection, rows: Sequence[Mapping[str, Any]], at: datetime) -> None:
    """Write scores; those that are as before are left alone."""
    if rows:
        await connection.execute(_KEEP, orjson.dumps(rows, default=str).decode(), at)


async def forget(connection: Connection, ids: Sequence[UUID]) -> None:
    """Drop the scores of customers."""
    if ids:
        await connection.execute(_FORGET, list(ids))


async def due(connection: Connection, now: datetime, limit: int) -> list[UUID]:
    """Customers whose score may have changed by time alone, the longest overdue first."""
    return [row[0] for row in await connection.fetch(_DUE, now, limit)]


async def take_marked(connection: Connection, limit: int) -> set[UUID]:
    """Customers that are marked, whose marks are gone when this transaction ends."""
    return {row[0] for row in await connection.fetch(_TAKE_MARKED, limit)}
