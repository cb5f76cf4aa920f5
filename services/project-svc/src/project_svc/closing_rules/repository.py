"""Queries of the rules beyond load, insert and update."""

from sqlalchemy import select

from crm_platform.db import Connection, Query
from project_svc.closing_rules.domain import ClosingRule
from project_svc.closing_rules.models import CLOSING_RULES

_RULE = Query(select(*CLOSING_RULES.loaded_columns()))
_ALONE = "SELECT pg_advisory_xact_lock(hashtextextended('closing_rule.' || current_setting('crm.tenant_id'), 0))"


async def find(connection: Connection) -> ClosingRule | None:
    """The company's own rule."""
    row = await connection.fetchrow(_RULE.text)
    return None if row is None else CLOSING_RULES.spec.from_row(row)


async def alone(connection: Connection) -> None:
    """Keep others from defining a rule until the end of this transaction."""
    await connection.execute(_ALONE)
