"""Queries of companies beyond load, insert and update."""

from sqlalchemy import select

from crm_platform.db import Connection, Query
from gateway.companies.domain import Company
from gateway.companies.models import COMPANIES

_COMPANY = Query(select(*COMPANIES.loaded_columns()))
_ALONE = "SELECT pg_advisory_xact_lock(hashtextextended('company.' || current_setting('crm.tenant_id'), 0))"


async def find(connection: Connection) -> Company | None:
    """What the company has said; None where that is nothing."""
    row = await connection.fetchrow(_COMPANY.text)
    return None if row is None else COMPANIES.spec.from_row(row)


async def alone(connection: Connection) -> None:
    """Keep others from defining what holds for the company until the end of this transaction."""
    await connection.execute(_ALONE)
