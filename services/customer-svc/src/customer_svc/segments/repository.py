"""Queries of the segments beyond load, insert and update."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Uuid, bindparam, func, or_, select

from crm_platform.db import Connection, Query
from customer_svc.customers import service as customers
from customer_svc.segments.models import FIELDS, segments

_ONLY = bindparam("only", type_=Uuid)
_DEFINITIONS = Query(
    select(segments.c.id, segments.c.expression)
    .where(or_(_ONLY.is_(None), segments.c.id == _ONLY))
    .order_by(segments.c.id)
)
_COUNT = Query(select(func.count()).select_from(segments))

_CUSTOMERS = customers.RESOURCE.table
_NAMES = tuple(FIELDS)
_VALUES = Query(
    select(
        _CUSTOMERS.c.id,
        _CUSTOMERS.c.custom,
        *(field.column.label(f"f{number}") for number, field in enumerate(FIELDS.values()) if field.column is not None),
    ).where(_CUSTOMERS.c.id == bindparam("ids", type_=ARRAY(Uuid)).any_())
)
_FOLLOWING = Query(
    select(_CUSTOMERS.c.id)
    .where(_CUSTOMERS.c.id > bindparam("after", type_=Uuid))
    .order_by(_CUSTOMERS.c.id)
    .limit(bindparam("row_limit", type_=Integer))
)
_COUNT_CUSTOMERS = Query(select(func.count()).select_from(_CUSTOMERS))

_KEY = "hashtextextended('segments.' || current_setting('crm.tenant_id'), 0)"


async def definitions(connection: Connection, only: UUID | None) -> Sequence[Any]:
    """Ids and expressions of the tenant's segments, or of one of them."""
    return list(await connection.fetch(_DEFINITIONS.text, *_DEFINITIONS.args(only=only)))


async def count(connection: Connection) -> int:
    """How many segments the tenant has."""
    number: int = await connection.fetchval(_COUNT.text, *_COUNT.args())
    return number


async def hold_existing(connection: Connection) -> None:
    """Let no segment be deleted until the end of this transaction; many can hold them."""
    await connection.execute(f"SELECT pg_advisory_xact_lock_shared({_KEY})")


async def release_existing(connection: Connection) -> None:
    """Wait for all who hold the segments, and keep others from it until the end of this transaction."""
    await connection.execute(f"SELECT pg_advisory_xact_lock({_KEY})")


async def values(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """What expressions read of customers, by customer; those that do not exist are absent."""
    rows = await connection.fetch(_VALUES.text, *_VALUES.args(ids=list(ids)))
    return {row[0]: dict(zip(("custom", *_NAMES), tuple(row)[1:], strict=True)) for row in rows}


async def following(connection: Connection, after: UUID, limit: int) -> list[UUID]:
    """Ids of customers above ``after``, in order."""
    return [row[0] for row in await connection.fetch(_FOLLOWING.text, *_FOLLOWING.args(after=after, row_limit=limit))]


async def count_customers(connection: Connection) -> int:
    """How many customers there are."""
    number: int = await connection.fetchval(_COUNT_CUSTOMERS.text, *_COUNT_CUSTOMERS.args())
    return number
