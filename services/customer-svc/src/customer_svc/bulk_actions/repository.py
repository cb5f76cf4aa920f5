"""Which customers a filter fits, and which ones a bulk action is about."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import Integer, bindparam, select

from crm_platform.cel import Filter
from crm_platform.context import Caller
from crm_platform.db import Connection, Query
from crm_platform.reads.visibility import visibility_args, visible
from customer_svc.customers import service as customers

_KEEP: Final = """
INSERT INTO bulk_targets (operation_id, number, customer_id)
SELECT $1, number, id FROM unnest($2::uuid[]) WITH ORDINALITY AS given (id, number)
"""
_NEXT: Final = """
SELECT customer_id FROM bulk_targets WHERE operation_id = $1 AND number > $2 ORDER BY number LIMIT $3
"""
_FORGET: Final = "DELETE FROM bulk_targets WHERE operation_id = $1"


async def keep_targets(connection: Connection, operation_id: UUID, ids: Sequence[UUID]) -> None:
    """Keep which customers an operation is about, in this order."""
    await connection.execute(_KEEP, operation_id, list(ids))


async def targets(connection: Connection, operation_id: UUID, *, after: int, limit: int) -> list[UUID]:
    """The next customers that an operation is about."""
    return [row[0] for row in await connection.fetch(_NEXT, operation_id, after, limit)]


async def forget_targets(connection: Connection, operation_id: UUID) -> None:
    """Remove what was kept of an operation."""
    await connection.execute(_FORGET, operation_id)


async def fitting(connection: Connection, caller: Caller, wanted: Filter, *, limit: int) -> list[UUID]:
    """The ids of the customers that ``wanted`` fits and that the caller may see, in order; ``limit`` at most."""
    table = customers.view_for(caller).table
    statement = select(table.c.id).where(wanted.condition())
    seen = visible(table, caller.visibility)
    if seen is not None:
        statement = statement.where(seen)
    query = Query(statement.order_by(table.c.id).limit(bindparam("row_limit", type_=Integer)))
    values = {**visibility_args(table, caller), **wanted.values, "row_limit": limit}
    return [row[0] for row in await connection.fetch(query.text, *query.bind(values))]
