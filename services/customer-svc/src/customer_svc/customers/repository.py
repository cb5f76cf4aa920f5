"""Queries of the customers beyond load, insert and update."""

from uuid import UUID

from sqlalchemy import Uuid, bindparam, literal, select

from crm_platform.db import Connection, Query
from customer_svc.customers.domain import MAX_DEPTH
from customer_svc.customers.models import customers

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


async def ancestors(connection: Connection, id: UUID) -> list[UUID]:
    """The customer itself and the companies above it, nearest first; empty where it does not exist."""
    return [row[0] for row in await connection.fetch(_ANCESTORS.text, *_ANCESTORS.args(id=id))]


async def has_subsidiaries(connection: Connection, id: UUID) -> bool:
    """Whether other customers name this one as their parent."""
    found: bool = await connection.fetchval(_IN_USE.text, *_IN_USE.args(id=id))
    return found


async def lock_hierarchy(connection: Connection) -> None:
    """Let one change of the tenant's hierarchy happen at a time: two at once could close a loop unseen."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('customer_hierarchy.' || current_setting('crm.tenant_id'), 0))"
    )
