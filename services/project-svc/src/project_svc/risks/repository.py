"""Queries of the risks beyond load, insert and update."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Label, Uuid, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql.expression import FromClause

from crm_contracts.project.v1 import RiskStatus
from crm_platform.db import Connection, Query
from project_svc.projects import service as projects
from project_svc.risks.models import risks

OF_PROJECT = risks.c.project_id == bindparam("project_id", type_=Uuid)
"""Condition of a list: the risks of one project."""

_NOT_CLOSED = risks.c.status != literal_column(f"'{RiskStatus.CLOSED.value}'")

_COUNT_OPEN = Query(select(func.count()).select_from(risks).where(OF_PROJECT, _NOT_CLOSED))


async def count_open(connection: Connection, project_id: UUID) -> int:
    """How many risks of a project are not closed."""
    number: int = await connection.fetchval(_COUNT_OPEN.text, *_COUNT_OPEN.args(project_id=project_id))
    return number


def _levels(name: str) -> Any:
    series = func.generate_series(literal_column("1"), literal_column("5"), type_=Integer)
    return series.table_valued("level").render_derived(name)


def _matrix(source: FromClause) -> Sequence[Label[Any]]:
    """The grid of a project: counts by one scan of its risks, joined to all 25 cells."""
    counted = (
        select(risks.c.probability, risks.c.impact, func.count().label("count"))
        .where(risks.c.project_id == source.c.id, _NOT_CLOSED)
        .group_by(risks.c.probability, risks.c.impact)
        .correlate(source)
        .lateral("counted")
    )
    probable, grave = _levels("probable"), _levels("grave")
    score = probable.c.level * grave.c.level
    number = func.coalesce(counted.c.count, literal_column("0"))
    cell = func.json_build_object(
        *(literal_column("'probability'"), probable.c.level),
        *(literal_column("'impact'"), grave.c.level),
        *(literal_column("'score'"), score),
        *(literal_column("'exceeded'"), score >= source.c.risk_threshold),
        *(literal_column("'count'"), number),
    )
    here = (counted.c.probability == probable.c.level) & (counted.c.impact == grave.c.level)
    grid = probable.join(grave, literal_column("true")).outerjoin(counted, here)
    cells = select(func.json_agg(aggregate_order_by(cell, probable.c.level.desc(), grave.c.level)))
    total = select(func.count()).where(risks.c.project_id == source.c.id, _NOT_CLOSED)
    return [
        source.c.id.label("project_id"),
        source.c.risk_threshold.label("threshold"),
        total.correlate(source).scalar_subquery().label("total"),
        cells.select_from(grid).correlate(source).scalar_subquery().label("cells"),
    ]


MATRIX = projects.view("risk_matrix", _matrix)
"""The risk matrix of a project."""
