"""Queries of the scales beyond load, insert and update."""

from typing import Any

from sqlalchemy import ColumnElement, Integer, case, func, literal_column, select

from crm_contracts.risk.v1 import RiskLevel
from crm_platform.db import Connection, Query
from project_svc.risk_scales.domain import READY_MADE, RiskScale
from project_svc.risk_scales.models import RISK_SCALES, risk_scales

_KEY = "hashtextextended('risk_scale.' || current_setting('crm.tenant_id'), 0)"
_SCALE = Query(select(risk_scales))


async def find(connection: Connection) -> RiskScale | None:
    """The company's own scale."""
    row = await connection.fetchrow(_SCALE.text)
    if row is None:
        return None
    return RISK_SCALES.spec.from_row({name: value for name, value in dict(row).items() if name != "tenant_id"})


async def hold(connection: Connection) -> None:
    """Let the scale stay as it is until the end of this transaction; many can hold it."""
    await connection.execute(f"SELECT pg_advisory_xact_lock_shared({_KEY})")


async def release(connection: Connection) -> None:
    """Wait for all who hold the scale, and keep others from it until the end of this transaction."""
    await connection.execute(f"SELECT pg_advisory_xact_lock({_KEY})")


def steps(name: str) -> ColumnElement[int]:
    """How many steps of probability or impact (the column of these) the company's scale has."""
    number = select(func.jsonb_array_length(risk_scales.c[name])).scalar_subquery()
    return func.coalesce(number, literal_column(str(len(getattr(READY_MADE, name)))), type_=Integer)


def level(score: ColumnElement[Any]) -> ColumnElement[str]:
    """How grave a score is, by the company's scale."""
    bounds = ((RiskLevel.CRITICAL, "critical_from"), (RiskLevel.HIGH, "high_from"), (RiskLevel.MEDIUM, "medium_from"))
    return case(
        *((score >= _bound(name), literal_column(f"'{level.value}'")) for level, name in bounds),
        else_=literal_column(f"'{RiskLevel.LOW.value}'"),
    )


def _bound(name: str) -> ColumnElement[int]:
    own = select(risk_scales.c[name]).scalar_subquery()
    return func.coalesce(own, literal_column(str(getattr(READY_MADE, name))), type_=Integer)
