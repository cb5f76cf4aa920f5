"""Queries of the rules of communications beyond load, insert and update."""

from sqlalchemy import select

from crm_platform.db import Connection, Query
from customer_svc.communication_rules.domain import CommunicationRule
from customer_svc.communication_rules.models import COMMUNICATION_RULES, communication_rules

_ALL = Query(select(*COMMUNICATION_RULES.loaded_columns()).order_by(communication_rules.c.id))
_KEY = "hashtextextended('communication_rules.' || current_setting('crm.tenant_id'), 0)"


async def find_all(connection: Connection) -> list[CommunicationRule]:
    """Every rule of the company."""
    return [COMMUNICATION_RULES.spec.from_row(dict(row)) for row in await connection.fetch(_ALL.text)]


async def hold(connection: Connection) -> None:
    """Let no rule change until the end of this transaction; many can hold them at once."""
    await connection.execute(f"SELECT pg_advisory_xact_lock_shared({_KEY})")


async def change(connection: Connection) -> None:
    """Wait for all who hold the rules, and keep others from it until the end of this transaction."""
    await connection.execute(f"SELECT pg_advisory_xact_lock({_KEY})")
