"""Queries of the rules beyond load, insert and update."""

from sqlalchemy import func, select

from crm_platform.db import Connection, Query
from project_svc.risk_rules.domain import RiskRule
from project_svc.risk_rules.models import RISK_RULES, risk_rules

_ENABLED = Query(select(risk_rules).where(risk_rules.c.enabled).order_by(risk_rules.c.id))
_COUNT = Query(select(func.count()).select_from(risk_rules))
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('risk_rules.' || current_setting('crm.tenant_id'), 0))"


async def enabled(connection: Connection) -> list[RiskRule]:
    """The rules that count."""
    rows = [dict(row) for row in await connection.fetch(_ENABLED.text)]
    return [RISK_RULES.spec.from_row({k: v for k, v in row.items() if k != "tenant_id"}) for row in rows]


async def count(connection: Connection) -> int:
    """How many rules there are."""
    number: int = await connection.fetchval(_COUNT.text, *_COUNT.args())
    return number


async def one_at_a_time(connection: Connection) -> None:
    """Keep others from adding rules, and from raising risks by them, until the end of this transaction."""
    await connection.execute(_ONE_AT_A_TIME)
