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
SELECT contact_id, customer_id FROM contact_links WHERE customer_id = ANY ($1) ORDER BY contact_id, customer_id
"""
_REMEMBER_LINK: Final = """
INSERT INTO merge_links (merge_id, contact_id, absorbed_id, absorbed_link, survivor_link, merged_link, at_survivor)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
_LINKS: Final = """
SELECT contact_id, absorbed_id, absorbed_link, survivor_link, merged_link FROM merge_links
WHERE merge_id = $1 AND jsonb_typeof(absorbed_link) = 'object' ORDER BY contact_id, absorbed_id
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


async def contacts_at(connection: Connection, customer_ids: Collection[UUID]) -> list[tuple[UUID, UUID]]:
    """Who is at these customers: contact and customer, in order."""
    return [(row[0], row[1]) for row in await connection.fetch(_AT, list(customer_ids))]


async def remember_links(connection: Connection, merge_id: UUID, moved: Sequence[MovedLink]) -> None:
    """Keep what contacts were."""
    rows = [
        (
            *(merge_id, one.contact_id, one.absorbed_id),
            *(_json(one.absorbed), _json(one.survivor), _json(one.merged), one.survivor is not None),
        )
        for one in moved
    ]
    await connection.executemany(_REMEMBER_LINK, rows)


async def links_of(connection: Connection, merge_id: UUID) -> list[MovedLink]:
    """What contacts were before a merge, in order; of those that are erased since nothing is known."""
    rows = await connection.fetch(_LINKS, merge_id)
    return [MovedLink(row[0], row[1], *(_link(value) for value in tuple(row)[2:])) for row in rows]  # type: ignore[arg-type] # the survivor's alone may be NULL


async def disagree_twice(connection: Connection, customer_ids: Collection[UUID]) -> bool:
    """Whether two of these customers have an open question with another system about the same field."""
    found: bool = await connection.fetchval(_OPEN_TWICE, list(customer_ids))
    return found


def _json(link: ContactLink | None) -> Any:
    return None if link is None else link.model_dump(mode="json")


def _link(value: Any) -> ContactLink | None:
    if value is None:
        return None
    return ContactLink.model_validate(orjson.loads(value) if isinstance(value, str) else value)
