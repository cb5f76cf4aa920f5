"""Queries of the customers beyond load, insert and update."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, bindparam, delete, func, insert, literal, select

from crm_contracts.customer.v1 import ExternalRef
from crm_platform.db import Connection, Query
from customer_svc.customers.domain import MAX_DEPTH
from customer_svc.customers.models import customer_refs, customers

_FIND_REF = Query(
    select(customer_refs.c.customer_id).where(
        customer_refs.c.system == bindparam("system"), customer_refs.c.external_id == bindparam("external_id")
    )
)

_wanted = (
    func.unnest(bindparam("systems", type_=ARRAY(Text)), bindparam("external_ids", type_=ARRAY(Text)))
    .table_valued("system", "external_id")
    .render_derived("wanted")
)
_FIND_REFS = Query(
    select(customer_refs.c.system, customer_refs.c.external_id, customer_refs.c.customer_id).join(
        _wanted,
        (customer_refs.c.system == _wanted.c.system) & (customer_refs.c.external_id == _wanted.c.external_id),
    )
)
_ADD_REF = Query(
    insert(customer_refs).values(
        system=bindparam("system"), external_id=bindparam("external_id"), customer_id=bindparam("customer_id")
    )
)
_DROP_REFS = Query(delete(customer_refs).where(customer_refs.c.customer_id == bindparam("customer_id")))
_IN_USE = Query(select(select(literal(1)).where(customers.c.parent_id == bindparam("id", type_=Uuid)).exists()))


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


async def find_by_ref(connection: Connection, ref: ExternalRef) -> UUID | None:
    """The customer that another system knows under ``ref``."""
    found: UUID | None = await connection.fetchval(
        _FIND_REF.text, *_FIND_REF.args(system=ref.system, external_id=ref.external_id)
    )
    return found


async def find_by_refs(connection: Connection, refs: Sequence[ExternalRef]) -> dict[ExternalRef, UUID]:
    """The customers behind ``refs``; unknown ones are absent."""
    arguments = _FIND_REFS.args(systems=[ref.system for ref in refs], external_ids=[ref.external_id for ref in refs])
    rows = await connection.fetch(_FIND_REFS.text, *arguments)
    return {ExternalRef(system=row[0], external_id=row[1]): row[2] for row in rows}


async def add_refs(connection: Connection, links: Sequence[tuple[ExternalRef, UUID]]) -> None:
    """Remember under which ids other systems know customers.

    Raises:
        asyncpg.UniqueViolationError: One of the ids belongs to another customer.
    """
    rows = [
        _ADD_REF.args(system=ref.system, external_id=ref.external_id, customer_id=customer_id)
        for ref, customer_id in links
    ]
    await connection.executemany(_ADD_REF.text, rows)


async def replace_refs(connection: Connection, customer_id: UUID, refs: Sequence[ExternalRef]) -> None:
    """Make ``refs`` the customer's only external ids."""
    await connection.execute(_DROP_REFS.text, *_DROP_REFS.args(customer_id=customer_id))
    if refs:
        await add_refs(connection, [(ref, customer_id) for ref in refs])


async def ancestors(connection: Connection, id: UUID) -> list[UUID]:
    """The customer itself and the companies above it, nearest first; empty where it does not exist."""
    return [row[0] for row in await connection.fetch(_ANCESTORS.text, *_ANCESTORS.args(id=id))]


async def has_subsidiaries(connection: Connection, id: UUID) -> bool:
    """Whether other customers name this one as their parent."""
    found: bool = await connection.fetchval(_IN_USE.text, *_IN_USE.args(id=id))
    return found
