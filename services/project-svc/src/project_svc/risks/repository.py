"""Queries of the risks beyond load, insert and update."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Label, Text, Uuid, bindparam, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql.expression import FromClause

from crm_contracts.project.v1 import RiskStatus
from crm_platform.db import Connection, Query
from crm_platform.reads.states import look_at_all
from project_svc.projects import service as projects
from project_svc.risk_scales import service as scales
from project_svc.risks.domain import Risk
from project_svc.risks.models import RISKS, risks

OF_PROJECT = risks.c.project_id == bindparam("project_id", type_=Uuid)
"""Condition of a list: the risks of one project."""

_NOT_CLOSED = risks.c.status != literal_column(f"'{RiskStatus.CLOSED.value}'")

_COUNT_OPEN = Query(select(func.count()).select_from(risks).where(OF_PROJECT, _NOT_CLOSED))
_AFTER = Query(
    select(risks.c.id)
    .where(_NOT_CLOSED, risks.c.id > bindparam("after", type_=Uuid))
    .order_by(risks.c.id)
    .limit(bindparam("number", type_=Integer))
)
_OPEN = Query(select(risks).where(OF_PROJECT, _NOT_CLOSED).order_by(risks.c.id))
_TOTALS = Query(
    select(
        risks.c.project_id,
        func.count(),
        func.count().filter(risks.c.exceeded),
        func.sum(risks.c.score),
    )
    .where(_NOT_CLOSED)
    .group_by(risks.c.project_id)
)
_OF_RULES = Query(
    select(risks.c.id)
    .where(
        risks.c.project_id == bindparam("projects", type_=ARRAY(Uuid)).any_(), risks.c.rule_id.is_not(None), _NOT_CLOSED
    )
    .order_by(risks.c.id)
)
_HIGHEST = Query(
    select(
        func.max(func.greatest(risks.c.probability, risks.c.residual_probability)),
        func.max(func.greatest(risks.c.impact, risks.c.residual_impact)),
    ).where(_NOT_CLOSED)
)


async def count_open(connection: Connection, project_id: UUID) -> int:
    """How many risks of a project are not closed."""
    number: int = await connection.fetchval(_COUNT_OPEN.text, *_COUNT_OPEN.args(project_id=project_id))
    return number


async def open_after(connection: Connection, after: UUID, number: int) -> list[UUID]:
    """The ids of so many of the company's risks that are not closed, by id."""
    rows = await connection.fetch(_AFTER.text, *_AFTER.args(after=after, number=number))
    return [row[0] for row in rows]


async def open_of(connection: Connection, project_id: UUID) -> list[dict[str, Any]]:
    """The rows of a project's risks that are not closed."""
    rows = await connection.fetch(_OPEN.text, *_OPEN.args(project_id=project_id))
    return [{name: value for name, value in dict(row).items() if name != "tenant_id"} for row in rows]


async def of_project(connection: Connection, project_id: UUID) -> list[Risk]:
    """The risks of a project, the oldest first; whoever asks sees to the project's visibility."""
    return await look_at_all(connection, RISKS, "project_id", project_id)


async def totals(connection: Connection) -> dict[UUID, tuple[int, int, int]]:
    """By project: how many risks are not closed, how many of these exceed the threshold, and their scores together."""
    return {row[0]: (row[1], row[2], row[3]) for row in await connection.fetch(_TOTALS.text)}


async def of_rules(connection: Connection, projects_: Sequence[UUID]) -> list[UUID]:
    """The risks of projects that rules have raised and that are not closed."""
    rows = await connection.fetch(_OF_RULES.text, *_OF_RULES.args(projects=list(projects_)))
    return [row[0] for row in rows]


async def highest_steps(connection: Connection) -> tuple[int, int]:
    """The highest steps of probability and impact at which a risk stands that is not closed; 0 if there is none."""
    row = await connection.fetchrow(_HIGHEST.text)
    return row[0] or 0, row[1] or 0


def _steps(name: str, column: str) -> Any:
    series = func.generate_series(literal_column("1"), scales.steps(column), type_=Integer)
    return series.table_valued("step").render_derived(name)


def _matrix(source: FromClause) -> Sequence[Label[Any]]:
    """The grid of a project: counts by one scan of its risks, joined to all cells of the company's scale."""
    counted = (
        select(risks.c.probability, risks.c.impact, func.count().label("count"))
        .where(risks.c.project_id == source.c.id, _NOT_CLOSED)
        .group_by(risks.c.probability, risks.c.impact)
        .correlate(source)
        .lateral("counted")
    )
    probable, grave = _steps("probable", "probabilities"), _steps("grave", "impacts")
    score = probable.c.step * grave.c.step
    number = func.coalesce(counted.c.count, literal_column("0"))
    cell = func.json_build_object(
        *(literal_column("'probability'"), probable.c.step),
        *(literal_column("'impact'"), grave.c.step),
        *(literal_column("'score'"), score),
        *(literal_column("'exceeded'"), score >= source.c.risk_threshold),
        *(literal_column("'count'"), number),
        *(literal_column("'level'"), scales.level(score)),
    )
    here = (counted.c.probability == probable.c.step) & (counted.c.impact == grave.c.step)
    grid = probable.join(grave, literal_column("true")).outerjoin(counted, here)
    cells = select(func.json_agg(aggregate_order_by(cell, probable.c.step.desc(), grave.c.step)))
    total = select(func.count()).where(risks.c.project_id == source.c.id, _NOT_CLOSED)
    return [
        source.c.id.label("project_id"),
        source.c.risk_threshold.label("threshold"),
        total.correlate(source).scalar_subquery().label("total"),
        cells.select_from(grid).correlate(source).scalar_subquery().label("cells"),
        _reserve(source).label("expected_costs"),
    ]


def _reserve(source: FromClause) -> Any:
    """Expected costs of the risks that are not closed, by currency."""
    sums = (
        select(
            risks.c.expected_cost_currency.label("currency"),
            cast(func.trim_scale(func.sum(risks.c.expected_cost_amount)), Text).label("amount"),
        )
        .where(risks.c.project_id == source.c.id, _NOT_CLOSED, risks.c.expected_cost_amount.is_not(None))
        .group_by(risks.c.expected_cost_currency)
        .correlate(source)
        .lateral("sums")
    )
    money = func.json_build_object(
        *(literal_column("'amount'"), sums.c.amount), *(literal_column("'currency'"), sums.c.currency)
    )
    each = select(func.json_agg(aggregate_order_by(money, sums.c.currency))).select_from(sums)
    return func.coalesce(each.correlate(source).scalar_subquery(), literal_column("'[]'::json"))


MATRIX = projects.view("risk_matrix", _matrix)
"""The risk matrix of a project."""
