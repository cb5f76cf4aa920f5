"""Queries of the rules."""

from sqlalchemy import select

from crm_contracts.privacy.v1 import Hold
from crm_platform.db import Connection, Query
from customer_svc.hold_rules.models import hold_rules

_ACTIVE = Query(
    select(hold_rules.c.record, hold_rules.c.days, hold_rules.c.law)
    .where(hold_rules.c.active)
    .order_by(hold_rules.c.record)
)


async def active(connection: Connection) -> tuple[Hold, ...]:
    """The rules that count now."""
    return tuple(Hold(**dict(row)) for row in await connection.fetch(_ACTIVE.text))
