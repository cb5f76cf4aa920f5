"""Queries of the purposes."""

from sqlalchemy import Text, bindparam, select

from crm_platform.db import Connection, Query
from customer_svc.consent_purposes.domain import Purpose
from customer_svc.consent_purposes.models import CONSENT_PURPOSES, consent_purposes

_BY_CODE = Query(select(consent_purposes).where(consent_purposes.c.code == bindparam("code", type_=Text)))


async def find(connection: Connection, code: str) -> Purpose | None:
    """The purpose of this code."""
    row = await connection.fetchrow(_BY_CODE.text, *_BY_CODE.args(code=code))
    if row is None:
        return None
    return CONSENT_PURPOSES.spec.from_row({name: value for name, value in row.items() if name != "tenant_id"})
