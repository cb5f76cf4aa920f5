"""Queries of the communications beyond load, insert and update."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
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


_OPEN = """
SELECT c.id, c.version, c.updated_at, c.follow_up_due_at, c.follow_up ->> 'subject', k.name, c.subject,
  CASE WHEN c.follow_up ->> 'reminded_at' IS NULL THEN (c.follow_up ->> 'remind_at')::timestamptz END
FROM communications c JOIN customers k ON k.id = c.customer_id
WHERE c.follow_up_assignee_id = $1 AND c.follow_up_status = 'open'
ORDER BY c.follow_up_due_at, c.id LIMIT 1000
"""


async def open_follow_ups(connection: Connection, assignee_id: UUID) -> list[tuple[Any, ...]]:
    """What a person still has to do, the earliest first.

    Returns:
        Of each: id and version of the communication, when it was changed, when the follow-up is due, what is to be
        done, with which customer, what was spoken of, and when to remind (None where that is over).
    """
    return [tuple(row) for row in await connection.fetch(_OPEN, assignee_id)]
