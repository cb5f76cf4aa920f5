"""Locks of the intake of requirements."""

from uuid import UUID

from crm_platform.db import Connection


async def lock_customer(connection: Connection, customer_id: UUID) -> None:
    """Let one requirement of a customer look for a project at a time: two at once would each open one."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended("
        "'requirement_intake.' || current_setting('crm.tenant_id') || $1::text, 0))",
        str(customer_id),
    )
