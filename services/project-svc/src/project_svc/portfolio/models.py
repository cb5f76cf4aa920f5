"""The portfolio as a list: projects with what is kept of them."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Label,
    Numeric,
    Text,
    and_,
    case,
    cast,
    column,
    func,
    literal_column,
    select,
    table,
)
from sqlalchemy.sql.expression import FromClause

from crm_contracts.project.v1 import ProjectStatus
from crm_platform.cel import Field, FieldMap, field_map
from crm_platform.companies import TODAY_SQL
from crm_platform.reads import Resource
from crm_platform.reads.fields import state_sorts
from crm_platform.reads.resource import money_json
from crm_platform.reads.sorting import Sort
from project_svc.monitoring.service import Health
from project_svc.projects import service as projects
from project_svc.standings.service import project_standings as kept

_OF_PROJECT = (
    *("id", "version", "created_at", "updated_at", "owner_id", "team_id", "name", "customer_id", "manager_id"),
    *("template", "template_id", "status", "starts_on", "due_on", "budget_amount", "budget_currency"),
)
AMOUNTS = ("bac", "pv", "ev", "ac", "eac", "risk_cost")
INDICES = ("spi", "cpi", "schedule_spi", "percent_complete")
COUNTS = ("open_risks", "exceeded_risks", "risk_score", "overdue_tasks", "overdue_deliveries", "open_issues")
_TIMES = (
    *("planned_starts_at", "planned_finishes_at", "baseline_starts_at", "baseline_finishes_at"),
    *("forecast_finishes_at", "computed_at"),
)
_WORST_FIRST = {Health.RED: 0, Health.AMBER: 1, Health.GREEN: 2}
_LAST = literal_column("3", Integer)
_HIGH = literal_column("9999", Numeric)
_RUNNING = (ProjectStatus.PLANNED, ProjectStatus.ACTIVE, ProjectStatus.ON_HOLD)


def _key(name: str) -> ColumnElement[Any]:
    return literal_column(f"'{name}'", Text)


def _names(table_: FromClause, *names: str) -> list[ColumnElement[Any]]:
    return [table_.c[name] for name in names]


_PROJECTS: Final = projects.view("projects", lambda _: ()).table
_TOGETHER = (
    select(
        *_names(_PROJECTS, *_OF_PROJECT),
        *(one for one in kept.c if one.name not in {"tenant_id", "project_id", "stamp"}),
    )
    .select_from(_PROJECTS.outerjoin(kept, kept.c.project_id == _PROJECTS.c.id))
    .subquery("portfolio")
)
"""Projects that nobody has looked at yet are there too, without figures; the rest of a row comes with the page."""


def margin_of(source: FromClause) -> ColumnElement[Any]:
    """What is left of a project's budget by its forecast; null where these are not of one currency."""
    return case((source.c.budget_currency == source.c.currency, source.c.budget_amount - source.c.eac))


def _represent(source: FromClause, *, margin: bool, named: bool) -> Sequence[Label[Any]]:
    c = source.c
    return [
        *(c[name].label(name) for name in ("id", "name", "customer_id", "manager_id", "owner_id", "team_id")),
        *(c[name].label(name) for name in ("template", "template_id", "status", "starts_on", "due_on")),
        money_json(c.budget_amount, c.budget_currency).label("budget"),
        *(c[name].label(name) for name in ("health", "reasons", *_TIMES, "currency")),
        *(cast(func.trim_scale(c[name]), Text).label(name) for name in AMOUNTS),
        c.other_risk_costs.label("other_risk_costs"),
        *(func.trim_scale(c[name]).label(name) for name in INDICES),
        *(c[name].label(name) for name in COUNTS),
        is_overdue(source).label("is_overdue"),
        _milestone(source).label("next_milestone"),
        _next_delivery(source, named=named).label("next_delivery"),
        *([cast(func.trim_scale(margin_of(source)), Text).label("margin")] if margin else []),
    ]


def is_overdue(source: FromClause) -> ColumnElement[bool]:
    """Whether a project is past its due date, by the days of the company, and still runs."""
    today = literal_column(TODAY_SQL, Date)
    running = source.c.status.in_([_key(one.value) for one in _RUNNING])
    return and_(source.c.due_on < today, running)


def _milestone(source: FromClause) -> ColumnElement[Any]:
    tasks = table("tasks", column("id"), column("name"))
    name = select(tasks.c.name).where(tasks.c.id == source.c.milestone_id).correlate(source).scalar_subquery()
    built = func.json_build_object(
        *(_key("task_id"), source.c.milestone_id, _key("name"), name, _key("at"), source.c.milestone_at)
    )
    return case((source.c.milestone_id.is_not(None), built))


def _next_delivery(source: FromClause, *, named: bool) -> ColumnElement[Any]:
    deliveries = table("deliveries", column("id"), column("name"))
    name = select(deliveries.c.name).where(deliveries.c.id == source.c.delivery_id).correlate(source).scalar_subquery()
    shown = name if named else literal_column("NULL::text")
    built = func.json_build_object(
        *(_key("id"), source.c.delivery_id, _key("name"), shown, _key("due_on"), source.c.delivery_on)
    )
    return case((source.c.delivery_id.is_not(None), built))


def _fields() -> FieldMap:
    c = _TOGETHER.c
    return field_map(
        Field("name", c.name, "string"),
        *(Field(name, c[name], "uuid") for name in ("customer_id", "manager_id", "owner_id", "team_id", "template_id")),
        Field("template", c.template, "string"),
        Field("status", c.status, "enum", tuple(one.value for one in ProjectStatus)),
        *(Field(name, c[name], "date") for name in ("starts_on", "due_on")),
        Field("budget.amount", c.budget_amount, "decimal"),
        Field("budget.currency", c.budget_currency, "string"),
        Field("health", c.health, "enum", tuple(one.value for one in Health)),
        Field("currency", c.currency, "string"),
        *(Field(name, c[name], "decimal") for name in (*AMOUNTS, *INDICES)),
        *(Field(name, c[name], "int") for name in COUNTS),
        *(Field(name, c[name], "timestamp") for name in _TIMES),
        Field("next_delivery.due_on", c.delivery_on, "date"),
    )


def _sorts() -> dict[str, Sort]:
    c = _TOGETHER.c
    worst = case(
        *((c.health == _key(one.value), literal_column(str(place), Integer)) for one, place in _WORST_FIRST.items())
    )
    plain = state_sorts(_TOGETHER, {"name": c.name, "due_on": c.due_on})
    counts = {name: Sort(func.coalesce(c[name], literal_column("0", Integer)), int) for name in COUNTS}
    indices = {name: Sort(func.coalesce(c[name], _HIGH), Decimal) for name in INDICES}
    return {**plain, "health": Sort(func.coalesce(worst, _LAST), int), **counts, **indices}


PORTFOLIO = Resource(
    name="projects",
    what=projects.NOUN,
    table=_TOGETHER,
    represent=partial(_represent, margin=True, named=True),
    filters=_fields(),
    sorts=_sorts(),
    default_sort="health",
)
"""It is named as the projects are: what of them is hidden from a caller is hidden here."""
VIEWS: Final = {
    (margin, named): replace(PORTFOLIO, represent=partial(_represent, margin=margin, named=named))
    for margin in (False, True)
    for named in (False, True)
}
"""By whether budgets may be seen, and what deliveries are called."""
