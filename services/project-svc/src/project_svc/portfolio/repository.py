"""Sums over projects."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, Numeric, Select, Text, cast, func, literal_column, select

from crm_platform.cel import Filter
from crm_platform.context import Caller, Visibility
from crm_platform.db import Connection
from crm_platform.reads.reader import statement_about
from crm_platform.reads.visibility import visibility_args, visible
from project_svc.monitoring.service import Health
from project_svc.portfolio.models import AMOUNTS, PORTFOLIO, is_overdue, margin_of

_C: Final = PORTFOLIO.table.c
_KEYS: Final[Mapping[str, ColumnElement[Any]]] = {
    "all": literal_column("NULL::text"),
    "customer": _C.customer_id,
    "manager": _C.manager_id,
    "status": _C.status,
    "template": func.coalesce(cast(_C.template_id, Text), _C.template),
    "health": _C.health,
}
_COUNTED: Final = ("open_risks", "exceeded_risks", "overdue_tasks", "overdue_deliveries")


async def totals(connection: Connection, caller: Caller, by: str, narrow: Filter | None) -> Sequence[Any]:
    """Sums of the projects that the caller may see and of which a filter is true, by group and currency."""
    shape = ("totals", caller.visibility, by, narrow.shape if narrow else None)
    query = statement_about((PORTFOLIO,), shape, lambda: _totals(caller.visibility, by, narrow))
    values = visibility_args(PORTFOLIO.table, caller) | dict(narrow.values if narrow else {})
    rows: Sequence[Any] = await connection.fetch(query.text, *query.bind(values))
    return rows


def _totals(visibility: Visibility, by: str, narrow: Filter | None) -> Select[Any]:
    sums = {name: func.coalesce(func.sum(_C[name]), literal_column("0", Numeric)) for name in AMOUNTS}
    own = _C.budget_currency == _C.currency
    of_health = (func.count().filter(_C.health == _text(one.value)).label(one.value) for one in Health)
    statement = select(
        cast(_KEYS[by], Text).label("key"),
        _C.currency.label("currency"),
        func.count().label("projects"),
        *of_health,
        _plain(func.coalesce(func.sum(_C.budget_amount).filter(own), literal_column("0", Numeric))).label("budget"),
        *(_plain(value).label(name) for name, value in sums.items()),
        _plain(func.sum(margin_of(PORTFOLIO.table))).label("margin"),
        _ratio(sums["ev"], sums["pv"]).label("spi"),
        _ratio(sums["ev"], sums["ac"]).label("cpi"),
        _ratio(sums["ev"] * literal_column("100", Integer), sums["bac"]).label("percent_complete"),
        *(func.coalesce(func.sum(_C[name]), literal_column("0", Integer)).label(name) for name in _COUNTED),
        func.count().filter(is_overdue(PORTFOLIO.table)).label("overdue_projects"),
    ).where(_C.currency.is_not(None))
    seen = visible(PORTFOLIO.table, visibility)
    statement = statement if seen is None else statement.where(seen)
    statement = statement if narrow is None else statement.where(narrow.condition())
    groups = [literal_column(place, Integer) for place in ("1", "2")]
    return statement.group_by(*groups).order_by(*groups).limit(literal_column("1000", Integer))


def _text(value: str) -> ColumnElement[Any]:
    return literal_column(f"'{value}'", Text)


def _plain(amount: ColumnElement[Any]) -> ColumnElement[Any]:
    return cast(func.trim_scale(amount), Text)


def _ratio(top: ColumnElement[Any], bottom: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.round(top / func.nullif(bottom, literal_column("0", Numeric)), literal_column("4", Integer))
