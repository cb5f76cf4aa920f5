"""Queries of the rules of data quality beyond load, insert and update."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select

from crm_platform.db import Connection, Query
from customer_svc.quality_rules.domain import QualityRule
from customer_svc.quality_rules.models import QUALITY_RULES, quality_rules

_ENABLED = Query(select(quality_rules).where(quality_rules.c.enabled).order_by(quality_rules.c.id))
_CODES = Query(select(quality_rules.c.code))
_COUNT = Query(select(func.count()).select_from(quality_rules))
_ONE_AT_A_TIME = (
    "SELECT pg_advisory_xact_lock(hashtextextended('quality_rules.' || current_setting('crm.tenant_id'), 0))"
)


def _states(rows: Iterable[Any]) -> list[QualityRule]:
    return [QUALITY_RULES.spec.from_row({k: v for k, v in dict(row).items() if k != "tenant_id"}) for row in rows]


async def enabled(connection: Connection) -> list[QualityRule]:
    """The rules that count."""
    return _states(await connection.fetch(_ENABLED.text))


async def codes(connection: Connection) -> set[str]:
    """The codes of all rules."""
    return {row[0] for row in await connection.fetch(_CODES.text)}


async def count(connection: Connection) -> int:
    """How many rules there are."""
    number: int = await connection.fetchval(_COUNT.text, *_COUNT.args())
    return number


async def one_at_a_time(connection: Connection) -> None:
    """Keep others from adding rules until the end of this transaction."""
    await connection.execute(_ONE_AT_A_TIME)
