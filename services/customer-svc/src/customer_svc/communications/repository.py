"""Queries of the communications beyond load, insert and update."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Uuid, bindparam, func, select

from crm_platform.db import Connection, Query
from customer_svc.communications.models import communications

_LAST = Query(
    select(communications.c.customer_id, func.max(communications.c.happened_at))
    .where(
        communications.c.customer_id == bindparam("customers", type_=ARRAY(Uuid)).any_(),
        communications.c.happened_at <= bindparam("until", type_=DateTime(True)),
    )
    .group_by(communications.c.customer_id)
)


async def last_contacts(
    connection: Connection, customer_ids: Sequence[UUID], *, until: datetime
) -> dict[UUID, datetime]:
    """When somebody last spoke with customers, up to a moment; what is planned for later does not count."""
    rows = await connection.fetch(_LAST.text, *_LAST.args(customers=list(customer_ids), until=until))
    return {row[0]: row[1] for row in rows}
