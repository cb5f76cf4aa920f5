"""Queries of the pool."""

from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import Date, Uuid, bindparam, delete
from sqlalchemy.dialects.postgresql import insert

from crm_platform.db import Connection, Query
from customer_svc.pool.models import pool_claims


def _count_claim() -> Query:
    first = insert(pool_claims).values(
        person_id=bindparam("person", type_=Uuid), day=bindparam("day", type_=Date), claims=1
    )
    keys = ["tenant_id", "person_id", "day"]
    again = first.on_conflict_do_update(index_elements=keys, set_={"claims": pool_claims.c.claims + 1})
    return Query(again.returning(pool_claims.c.claims))


_COUNT_CLAIM = _count_claim()
_FORGET = Query(delete(pool_claims).where(pool_claims.c.day < bindparam("before", type_=Date)))

# The audit trail is the one record of who owned a customer: each entry says what changed, and of the rest nothing.
_CHANGES: Final = """
WITH entry AS (
  SELECT version, action, actor, at, reason, after FROM audit_entries
  WHERE aggregate_type = 'customer' AND aggregate_id = $1
    AND (version = 1 OR after ? 'owner_id' OR after ? 'team_id')
), numbered AS (
  SELECT *, count(*) FILTER (WHERE after ? 'owner_id') OVER (ORDER BY version) AS owner_change,
    count(*) FILTER (WHERE after ? 'team_id') OVER (ORDER BY version) AS team_change FROM entry
), period AS (
  SELECT version, action, actor, at AS since, lead(at) OVER (ORDER BY version) AS until, reason,
    first_value(after->>'owner_id') OVER (PARTITION BY owner_change ORDER BY version) AS owner_id,
    first_value(after->>'team_id') OVER (PARTITION BY team_change ORDER BY version) AS team_id
  FROM numbered
)
"""
_WAS_IN_POOL: Final = f"{_CHANGES} SELECT EXISTS (SELECT 1 FROM period WHERE owner_id IS NULL AND team_id IS NULL)"
OWNERS: Final = f"""
{_CHANGES} SELECT json_build_object('items', coalesce(json_agg(json_build_object(
  'owner_id', owner_id, 'team_id', team_id, 'since', since, 'until', until,
  'how', CASE action WHEN 'customer.created' THEN 'entered' WHEN 'customer.claimed' THEN 'claimed'
    WHEN 'customer.released' THEN 'released' WHEN 'customer.returned' THEN 'returned' ELSE 'assigned' END,
  'by', actor, 'reason', reason
) ORDER BY version DESC), '[]'))::text FROM period
"""
"""The owners of a customer as a JSON document, the present one first."""


async def count_claim(connection: Connection, person_id: UUID, day: date) -> int:
    """Count one claim more of a person on a day; returns how many that makes.

    Until the end of the transaction no other claim of the same person on that day goes on.
    """
    count: int = await connection.fetchval(_COUNT_CLAIM.text, *_COUNT_CLAIM.args(person=person_id, day=day))
    return count


async def forget_claims(connection: Connection, before: date) -> None:
    """Remove the counts of days that matter no more."""
    await connection.execute(_FORGET.text, *_FORGET.args(before=before))


async def was_in_pool(connection: Connection, customer_id: UUID) -> bool:
    """Whether a customer that exists was ever in the pool, and so was there for everybody to see."""
    found: bool = await connection.fetchval(_WAS_IN_POOL, customer_id)
    return found
