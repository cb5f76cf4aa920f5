"""Queries of the known customers."""

from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from crm_platform.db import Connection, Query
from project_svc.known_customers.models import known_customers

_IS_IT = known_customers.c.id == bindparam("id", type_=Uuid)
_NAME = Query(select(known_customers.c.name).where(_IS_IT))
_INDUSTRY = Query(select(known_customers.c.industry).where(_IS_IT))


async def name_of(connection: Connection, id: UUID) -> str | None:
    """The customer's name; None where there is no such customer."""
    name: str | None = await connection.fetchval(_NAME.text, *_NAME.args(id=id))
    return name


async def industry_of(connection: Connection, id: UUID) -> str | None:
    """The customer's industry; None where nobody has said."""
    industry: str | None = await connection.fetchval(_INDUSTRY.text, *_INDUSTRY.args(id=id))
    return industry
