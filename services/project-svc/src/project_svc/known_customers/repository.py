"""Queries of the known customers."""

from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from crm_platform.db import Connection, Query
from project_svc.known_customers.models import known_customers

_NAME = Query(select(known_customers.c.name).where(known_customers.c.id == bindparam("id", type_=Uuid)))


async def name_of(connection: Connection, id: UUID) -> str | None:
    """The customer's name; None where there is no such customer."""
    name: str | None = await connection.fetchval(_NAME.text, *_NAME.args(id=id))
    return name
