"""Queries of the customers beyond load, insert and update."""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Integer, Text, Uuid, bindparam, func, literal, select

from crm_platform.db import Connection, Query
from crm_platform.words import Words
from customer_svc.customers.domain import MAX_DEPTH, Customer
from customer_svc.customers.errors import CustomerInUse, ParentLoop, UnknownParent
from customer_svc.customers.models import customers
from customer_svc.merged_customers import service as merged_customers

_WORDS: Final[Mapping[str, Words]] = {
    "customers": Words("subsidiaries", "下级公司"),
    "contact_links": Words("contacts", "联系人"),
    "communications": Words("communications", "沟通记录"),
    "requirements": Words("requirements", "客户需求"),
    "sync_conflicts": Words("disagreements with other systems", "与外部系统的同步冲突"),
}
"""What people call the records that keep a customer from being deleted, by table."""

_ITS_OWN: Final = frozenset({"customer_refs"})
"""Goes with the customer."""

_OWNED_BEFORE = Query(
    select(customers.c.id)
    .where(
        customers.c.id > bindparam("after", type_=Uuid),
        customers.c.owner_id.is_not(None),
        customers.c.status == bindparam("statuses", type_=ARRAY(Text)).any_(),
        # Records of before this was kept count from their beginning.
        func.coalesce(customers.c.owner_since, customers.c.created_at) < bindparam("moment", type_=DateTime(True)),
    )
    .order_by(customers.c.id)
    .limit(bindparam("row_limit", type_=Integer))
)
_COUNT_OWNED = Query(
    select(func.count()).select_from(customers).where(customers.c.owner_id == bindparam("owner", type_=Uuid))
)
_LEGACY: Final = """
SELECT id, phone, email, address FROM customers
WHERE id > $1 AND (phone IS NOT NULL OR email IS NOT NULL OR address IS NOT NULL) ORDER BY id LIMIT $2 FOR UPDATE
"""
_PARENTS: Final = "SELECT id, parent_id FROM customers WHERE id = ANY ($1)"
_CLEAR_LEGACY: Final = """
UPDATE customers SET phone = NULL, email = NULL, email_norm = NULL, address = NULL WHERE id = ANY($1)
"""


def _ancestors() -> Query:
    step = (
        select(customers.c.id, customers.c.parent_id, literal(1).label("depth"))
        .where(customers.c.id == bindparam("id", type_=Uuid))
        .cte("ancestors", recursive=True)
    )
    above = customers.alias("above")
    climb = select(above.c.id, above.c.parent_id, step.c.depth + 1).join(step, above.c.id == step.c.parent_id)
    tree = step.union_all(climb.where(step.c.depth < MAX_DEPTH))
    return Query(select(tree.c.id))


_ANCESTORS = _ancestors()


async def ancestors(connection: Connection, id: UUID) -> list[UUID]:
    """The customer itself and the companies above it, nearest first; empty where it does not exist."""
    return [row[0] for row in await connection.fetch(_ANCESTORS.text, *_ANCESTORS.args(id=id))]


async def find_parents(connection: Connection, ids: Collection[UUID]) -> dict[UUID, UUID | None]:
    """The parents of customers, by their ids; those that do not exist are absent."""
    return dict(await connection.fetch(_PARENTS, list(ids)))


async def refuse_in_use(connection: Connection, id: UUID) -> None:
    """See to it that nothing belongs to a customer that is to be deleted.

    Raises:
        CustomerInUse: Something does; it names all that does.
    """
    found = [row[0] for row in await connection.fetch(_holders(), id)]
    if found:
        raise in_use(found)


@cache
def _holders() -> str:
    """The statement that names the tables with rows that refer to a customer, and do not go with it."""
    parts = (
        f"SELECT '{table.name}' WHERE EXISTS (SELECT 1 FROM {table.name} WHERE {key.columns.values()[-1].name} = $1)"
        for table in customers.metadata.sorted_tables
        for key in table.foreign_key_constraints
        if key.referred_table is customers and key.ondelete is None and table.name not in _ITS_OWN
    )
    return " UNION ALL ".join(parts)


def in_use(tables: Collection[str]) -> CustomerInUse:
    """Why a customer is not deleted that rows of ``tables`` belong to."""
    ordered = [*(table for table in _WORDS if table in tables), *(table for table in tables if table not in _WORDS)]
    by = [_WORDS.get(table) or Words(table.replace("_", " "), table) for table in ordered]
    return CustomerInUse(by=Words(", ".join(one.en for one in by), "、".join(one.zh for one in by)))


async def lock_hierarchy(connection: Connection) -> None:
    """Let one change of the tenant's hierarchy happen at a time: two at once could close a loop unseen."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('customer_hierarchy.' || current_setting('crm.tenant_id'), 0))"
    )


async def check_parent(connection: Connection, customer: Customer, absorbed: Collection[UUID] = ()) -> None:
    """See to it that a customer's parent is there, and that the customer, or whom it absorbs, is not above itself.

    Raises:
        UnknownParent: The parent does not exist.
        CustomerAbsorbed: It was merged into another.
        ParentLoop: The customer would become its own ancestor.
    """
    if customer.parent_id is None:
        return
    await lock_hierarchy(connection)
    line = await ancestors(connection, customer.parent_id)
    if not line:
        await merged_customers.refuse_absorbed(connection, [customer.parent_id])
        raise UnknownParent(parent_id=customer.parent_id)
    if {customer.id, *absorbed} & set(line):
        raise ParentLoop(parent_id=customer.parent_id)


async def owned_since_before(
    connection: Connection, moment: datetime, statuses: Collection[str], *, after: UUID, limit: int
) -> list[UUID]:
    """Ids of owned customers in one of ``statuses``, in order, whose owner has had them since before ``moment``."""
    arguments = _OWNED_BEFORE.args(after=after, statuses=list(statuses), moment=moment, row_limit=limit)
    return [row[0] for row in await connection.fetch(_OWNED_BEFORE.text, *arguments)]


async def count_owned(connection: Connection, owner_id: UUID) -> int:
    """How many customers a person owns."""
    count: int = await connection.fetchval(_COUNT_OWNED.text, *_COUNT_OWNED.args(owner=owner_id))
    return count


async def find_legacy(connection: Connection, *, after: UUID, limit: int) -> dict[UUID, dict[str, Any]]:
    """Personal data that the version before has written in the clear, by customer, in order; locked."""
    rows = await connection.fetch(_LEGACY, after, limit)
    return {row["id"]: {name: row[name] for name in ("phone", "email", "address")} for row in rows}


async def clear_legacy(connection: Connection, ids: Collection[UUID]) -> None:
    """Remove what stands in the clear, once it is sealed."""
    await connection.execute(_CLEAR_LEGACY, list(ids))
