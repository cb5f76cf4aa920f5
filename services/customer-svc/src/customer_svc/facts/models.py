"""Copies of others' records, the figures that are made of them, and the fields that expressions read them by.

A copy is replaced by a newer one only, and the figures of a customer are always made anew from all copies. So it does
not matter how often and in which order events arrive, and whether they are events or snapshots.
"""

from typing import Any

from sqlalchemy import (
    CHAR,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Index,
    Integer,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy.sql.expression import FromClause

from crm_platform.cel import Field, FieldMap, field_map
from crm_platform.cel.fields import Kind
from crm_platform.db.schema import money_columns, tenant_table
from crm_platform.projection import Projection, projection_table
from customer_svc.metadata import METADATA

known_orders: Table = projection_table(
    "known_orders",
    METADATA,
    Column("customer_id", Uuid, nullable=False),
    Column("ordered_on", Date, nullable=False),
    Column("total_amount", Numeric(20, 4), nullable=False),
    Column("total_currency", CHAR(3), nullable=False),
    Index(None, "tenant_id", "customer_id"),
)

known_opportunities: Table = projection_table(
    "known_opportunities",
    METADATA,
    Column("customer_id", Uuid),
    Column("stage", Text, nullable=False),
    Index(None, "tenant_id", "customer_id"),
)

known_tickets: Table = projection_table(
    "known_tickets",
    METADATA,
    Column("customer_id", Uuid, nullable=False),
    Column("status", Text, nullable=False),
    Index(None, "tenant_id", "customer_id"),
)

known_surveys: Table = projection_table(
    "known_surveys",
    METADATA,
    Column("customer_id", Uuid, nullable=False),
    Column("score", Integer),
    Index(None, "tenant_id", "customer_id"),
)

PROJECTIONS: dict[str, Projection] = {
    "order": Projection(known_orders),
    "opportunity": Projection(known_opportunities),
    "ticket": Projection(known_tickets),
    "survey": Projection(known_surveys),
}
"""Where the states of each kind of aggregate are kept."""

SOURCES: dict[str, Table] = {
    "order": known_orders,
    "opportunity": known_opportunities,
    "ticket": known_tickets,
    "survey": known_surveys,
}


def _count(name: str) -> Column[Any]:
    return Column(name, Integer, nullable=False, server_default=text("0"))


customer_facts: Table = tenant_table(
    "customer_facts",
    METADATA,
    Column("customer_id", Uuid, nullable=False),
    _count("orders"),
    Column("last_order_at", DateTime(timezone=True)),
    *money_columns("orders_value"),
    _count("open_opportunities"),
    _count("open_tickets"),
    _count("surveys_answered"),
    Column("satisfaction", Numeric(3, 2)),
    Column("last_communication_at", DateTime(timezone=True)),
    PrimaryKeyConstraint("tenant_id", "customer_id"),
)

_FIELDS: tuple[tuple[str, str, Kind], ...] = (
    ("facts.orders", "orders", "int"),
    ("facts.last_order_at", "last_order_at", "timestamp"),
    ("facts.orders_value.amount", "orders_value_amount", "decimal"),
    ("facts.orders_value.currency", "orders_value_currency", "string"),
    ("facts.open_opportunities", "open_opportunities", "int"),
    ("facts.open_tickets", "open_tickets", "int"),
    ("facts.surveys_answered", "surveys_answered", "int"),
    ("facts.satisfaction", "satisfaction", "decimal"),
    ("facts.last_communication_at", "last_communication_at", "timestamp"),
)


def fact_fields(customers: FromClause) -> FieldMap:
    """The facts as fields of expressions on ``customers``; counts of a customer about whom nothing is known are 0."""
    return field_map(*(Field(name, _of(customers, column), kind) for name, column, kind in _FIELDS))


def _of(customers: FromClause, name: str) -> ColumnElement[Any]:
    column = customer_facts.c[name]
    found = select(column).where(customer_facts.c.customer_id == customers.c.id).correlate(customers)
    value = found.scalar_subquery()
    return value if column.nullable else func.coalesce(value, literal_column("0"), type_=column.type)
