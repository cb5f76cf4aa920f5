"""What was before a merge: the customers, and what contacts were at them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import Column, Uuid, bindparam, func, literal_column, select, true

from crm_contracts.contact.v1 import ContactLink
from crm_platform.db import Connection, Query
from crm_platform.reads.states import columns_of, state_of
from customer_svc.customer_merges.domain import MovedLink
from customer_svc.customer_merges.models import customers_before
from customer_svc.customers import service as customers
from customer_svc.customers.domain import Customer

_REMEMBER: Final = """
INSERT INTO merge_customers (merge_id, moment, customer_id, content)
SELECT $1, $2, id, to_jsonb(customers) FROM customers WHERE id = ANY ($3)
"""
_REMEMBER_LAST: Final = """
UPDATE merge_customers SET last_version = $3 WHERE merge_id = $1 AND moment = 'before' AND customer_id = $2
"""
_LAST: Final = """
SELECT customer_id, last_version FROM merge_customers WHERE merge_id = $1 AND last_version IS NOT NULL
"""
_FORGET: Final = "UPDATE merge_customers SET content = NULL WHERE customer_id = ANY ($1)"
_FORGOTTEN: Final = "SELECT customer_id FROM merge_customers WHERE merge_id = $1 AND content IS NULL LIMIT 1"
_AT: Final = """
SELECT DISTINCT contact_id FROM contact_links WHERE customer_id = ANY ($1) ORDER BY contact_id LIMIT $2
"""
_REMEMBER_LINK: Final = """
INSERT INTO merge_links (merge_id, contact_id, absorbed_id, absorbed_link, survivor_link, merged_link, at_survivor)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (tenant_id, merge_id, contact_id, absorbed_id)
DO UPDATE SET absorbed_link = excluded.absorbed_link, merged_link = excluded.merged_link
"""
_COUNT_LINKS: Final = "SELECT count(DISTINCT contact_id) FROM merge_links WHERE merge_id = $1"
_ADOPT_LINKS: Final = "UPDATE merge_links SET merge_id = $2 WHERE merge_id = $1"
_TAKE_LINKS: Final = """
WITH next AS (
  SELECT DISTINCT contact_id FROM merge_links WHERE merge_id = $1 ORDER BY contact_id LIMIT $2
)
DELETE FROM merge_links AS one USING next
WHERE one.contact_id = next.contact_id AND one.merge_id >= $1 AND (one.merge_id = $1 OR NOT EXISTS (
  SELECT 1 FROM customer_merges WHERE customer_merges.id = one.merge_id AND customer_merges.status = 'unmerged'
))
RETURNING one.merge_id, one.contact_id, absorbed_id, absorbed_link, survivor_link, merged_link
"""
_OPEN_TWICE: Final = """
SELECT EXISTS (
  SELECT 1 FROM sync_conflicts WHERE customer_id = ANY ($1) AND status = 'open'
  GROUP BY system, field HAVING count(*) > 1
)
"""


def _states() -> Query:
    table = customers.AGGREGATE.table
    columns = [Column(column.name, column.type) for column in table.c]
    kept = func.jsonb_populate_record(literal_column(f"NULL::{table.name}"), customers_before.c.content)
    rows = kept.table_valued(*columns).alias(table.name)
    return Query(
        select(customers_before.c.moment, *columns_of(customers.AGGREGATE, rows))
        .select_from(customers_before.join(rows, true()))
        .where(customers_before.c.merge_id == bindparam("merge", type_=Uuid))
    )


_STATES = _states()


@dataclass(frozen=True, slots=True)
class Before:
    """The customers of a merge as they were before, and the survivor as it was after."""

    before: dict[UUID, Customer]
    survivor_after: Customer


async def remember_customers(connection: Connection, merge_id: UUID, moment: str, ids: Collection[UUID]) -> None:
    """Keep customers as they are now: ``before`` or ``after`` the merge."""
    await connection.execute(_REMEMBER, merge_id, moment, list(ids))


async def customers_of(connection: Connection, tenant_id: UUID, merge_id: UUID) -> Before:
    """The customers of a merge."""
    rows = await connection.fetch(_STATES.text, *_STATES.args(merge=merge_id))
    states = [(row["moment"], state_of(connection, customers.AGGREGATE, tenant_id, row)) for row in rows]
    return Before(
        {state.id: state for moment, state in states if moment == "before"},
        next(state for moment, state in states if moment == "after"),
    )


async def remember_last(connection: Connection, merge_id: UUID, versions: Mapping[UUID, int]) -> None:
    """Keep with which version each customer went."""
    await connection.executemany(_REMEMBER_LAST, [(merge_id, id, version) for id, version in sorted(versions.items())])


async def last_versions(connection: Connection, merge_id: UUID) -> dict[UUID, int]:
    """With which version each customer went."""
    return {row[0]: row[1] for row in await connection.fetch(_LAST, merge_id)}


async def forget_customers(connection: Connection, ids: Collection[UUID]) -> None:
    """Keep nothing of what customers were before merges; belongs to their erasure."""
    await connection.execute(_FORGET, list(ids))


async def forgotten(connection: Connection, merge_id: UUID) -> UUID | None:
    """A customer of a merge of whom nothing is kept any more, if there is one."""
    id: UUID | None = await connection.fetchval(_FORGOTTEN, merge_id)
    return id


async def contacts_at(connection: Connection, customer_ids: Collection[UUID], most: int | None = None) -> list[UUID]:
    """Who is at these customers, in order; the first ones, where ``most`` says how many."""
    return [row[0] for row in await connection.fetch(_AT, list(customer_ids), most)]


async def remember_links(connection: Connection, merge_id: UUID, moved: Sequence[MovedLink]) -> None:
    """Keep what contacts were; of one that came to a customer that goes a second time, what it was there last."""
    rows = [
        (
            *(merge_id, one.contact_id, one.absorbed_id),
            *(_json(one.absorbed), _json(one.survivor), _json(one.merged), one.survivor is not None),
        )
        for one in moved
    ]
    await connection.executemany(_REMEMBER_LINK, rows)


async def count_links(connection: Connection, merge_id: UUID) -> int:
    """How many contacts a merge has moved."""
    count: int = await connection.fetchval(_COUNT_LINKS, merge_id)
    return count


async def adopt_links(connection: Connection, move_id: UUID, merge_id: UUID) -> None:
    """Make the contacts that were moved ahead part of a merge."""
    await connection.execute(_ADOPT_LINKS, move_id, merge_id)


async def take_links(connection: Connection, merge_id: UUID, most: int | None) -> dict[UUID, list[MovedLink]]:
    """What the next contacts were before a merge, and before those that followed it, the last first; is forgotten.

    Returns:
        Contacts, in order, with how they were moved; of those that are erased since nothing is known.
    """
    rows = await connection.fetch(_TAKE_LINKS, merge_id, most)
    taken: dict[UUID, list[MovedLink]] = {row["contact_id"]: [] for row in sorted(rows, key=lambda row: row[1])}
    for _, contact_id, absorbed_id, *links in sorted(rows, key=lambda row: (row[0], row[2]), reverse=True):
        absorbed, survivor, merged = map(_link, links)
        if absorbed is not None and merged is not None:
            taken[contact_id].append(MovedLink(contact_id, absorbed_id, absorbed, survivor, merged))
    return taken


async def disagree_twice(connection: Connection, customer_ids: Collection[UUID]) -> bool:
    """Whether two of these customers have an open question with another system about the same field."""
    found: bool = await connection.fetchval(_OPEN_TWICE, list(customer_ids))
    return found


def _json(link: ContactLink | None) -> Any:
    return None if link is None else link.model_dump(mode="json")


def _link(value: Any) -> ContactLink | None:
    content = orjson.loads(value) if isinstance(value, str) else value
    return None if content is None else ContactLink.model_validate(content)
