"""Queries of the monitors beyond load, insert and update."""

from uuid import UUID

from sqlalchemy import select

from crm_platform.db import Connection, Query
from customer_svc.quality_monitors.models import quality_monitors

_IDS = Query(select(quality_monitors.c.id).order_by(quality_monitors.c.id))


async def ids(connection: Connection) -> list[UUID]:
    """The ids of all monitors."""
    return [row[0] for row in await connection.fetch(_IDS.text)]
