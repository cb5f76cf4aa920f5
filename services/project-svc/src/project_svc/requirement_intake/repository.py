"""Locks of the intake of requirements, and its queries."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, bindparam, func, select

from crm_platform.db import Connection, Query
from project_svc.requirement_intake.models import requirement_intakes

_SINCE = Query(
    select(requirement_intakes.c.project_id, func.count())
    .where(
        requirement_intakes.c.project_id.is_not(None),
        requirement_intakes.c.updated_at >= bindparam("since", type_=DateTime(timezone=True)),
    )
    .group_by(requirement_intakes.c.project_id)
)


async def count_since(connection: Connection, since: datetime) -> dict[UUID, int]:
    """By project, how many requirements were handed over to it, or again, since a moment."""
    return {row[0]: row[1] for row in await connection.fetch(_SINCE.text, *_SINCE.args(since=since))}


async def lock_customer(connection: Connection, customer_id: UUID) -> None:
    """Let one requirement of a customer look for a project at a time: two at once would each open one."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended("
        "'requirement_intake.' || current_setting('crm.tenant_id') || $1::text, 0))",
        str(customer_id),
    )
