"""Queries of the pool's rules."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Text, Uuid, bindparam, cast, func, literal_column, or_, select

from crm_contracts.customer.v1 import PoolSecret
from crm_platform.db import Connection, Query
from customer_svc.pool_rules.domain import DEFAULT_HIDDEN, PoolRule
from customer_svc.pool_rules.models import POOL_RULES, pool_rules

_ALL = Query(select(pool_rules).order_by(pool_rules.c.team_id.nulls_last()))
_OF_TEAM = Query(
    select(pool_rules)
    .where(or_(pool_rules.c.team_id.is_(None), pool_rules.c.team_id == bindparam("team", type_=Uuid)))
    .order_by(pool_rules.c.team_id.nulls_last())
    .limit(1)
)


def _states(rows: Iterable[Any]) -> list[PoolRule]:
    return [POOL_RULES.spec.from_row({k: v for k, v in dict(row).items() if k != "tenant_id"}) for row in rows]


async def find_all(connection: Connection) -> list[PoolRule]:
    """Every rule of the company, that for everybody last."""
    return _states(await connection.fetch(_ALL.text))


async def find_for(connection: Connection, team_id: UUID | None) -> PoolRule | None:
    """The rule of a team, or else that for everybody."""
    return next(iter(_states(await connection.fetch(_OF_TEAM.text, *_OF_TEAM.args(team=team_id)))), None)


def hides(secret: PoolSecret) -> ColumnElement[bool]:
    """Whether the company hides ``secret`` in the pool; PostgreSQL looks it up once per statement, if at all."""
    rule = select(pool_rules.c.hidden).where(pool_rules.c.team_id.is_(None)).scalar_subquery()
    usual = literal_column(f"ARRAY[{', '.join(repr(one.value) for one in DEFAULT_HIDDEN)}]", ARRAY(Text))
    return cast(literal_column(repr(secret.value)), Text) == func.any(func.coalesce(rule, usual))
