"""Queries of the products beyond load, insert and update."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg
from sqlalchemy import ARRAY, Text, Uuid, bindparam, or_, select

from crm_platform.db import Connection, Query
from sales_svc.products.models import products

_FIND = Query(
    select(products.c.id, products.c.code, products.c.active).where(
        or_(
            products.c.code == bindparam("codes", type_=ARRAY(Text)).any_(),
            products.c.id == bindparam("ids", type_=ARRAY(Uuid)).any_(),
        )
    )
)


async def find(connection: Connection, *, codes: Sequence[str] = (), ids: Sequence[UUID] = ()) -> list[asyncpg.Record]:
    """``id``, ``code`` and ``active`` of the products with one of these codes or ids."""
    if not codes and not ids:
        return []
    rows: list[asyncpg.Record] = await connection.fetch(_FIND.text, *_FIND.args(codes=codes, ids=ids))
    return rows
