"""Queries of the segments beyond load, insert and update."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, or_, select

from crm_platform.db import Connection, Query
from customer_svc.segments.models import segments

_ONLY = bindparam("only", type_=Uuid)
_DEFINITIONS = Query(
    select(segments.c.id, segments.c.expression)
    .where(or_(_ONLY.is_(None), segments.c.id == _ONLY))
    .order_by(segments.c.id)
)
_COUNT = Query(select(func.count()).select_from(segments))

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
