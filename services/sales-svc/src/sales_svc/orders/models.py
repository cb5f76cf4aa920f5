"""Tables of the orders, their numbers and their payments, and how they are shown."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Index,
    Label,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    bindparam,
)
from sqlalchemy.sql.expression import FromClause

from crm_contracts.sales.v1 import OrderSnapshot, OrderStatus
from crm_platform.cel import Field, field_map
from crm_platform.db.schema import aggregate_table, belongs_to, money_columns, one_of, tenant_table
from crm_platform.numbering import Numbering, counters_table
from crm_platform.reads.resource import Resource, Sort, money_json
from crm_platform.store import Aggregate
from crm_platform.words import Words
from sales_svc.metadata import METADATA
from sales_svc.orders.domain import NOUN, Order

orders: Table = aggregate_table(
    "orders",
    METADATA,
    Column("number", Text, nullable=False),
    Column("opportunity_id", Uuid, nullable=False),
    Column("customer_id", Uuid, nullable=False),
    Column("product_id", Uuid),
    Column("ordered_on", Date, nullable=False),
    *money_columns("total", nullable=False),
    *money_columns("paid", nullable=False),
    Column("status", Text, nullable=False),
    Column("paid_at", DateTime(timezone=True)),
    one_of("status", [status.value for status in OrderStatus]),
    CheckConstraint("total_amount >= 0 AND paid_amount >= 0", name="amounts"),
    CheckConstraint("paid_currency = total_currency", name="currency"),
    CheckConstraint("(paid_at IS NOT NULL) = (status = 'paid')", name="paid_at"),
    UniqueConstraint("tenant_id", "number"),
    UniqueConstraint("tenant_id", "opportunity_id"),
    belongs_to("opportunity_id", "opportunities"),
    belongs_to("product_id", "products"),
    Index(None, "tenant_id", "customer_id"),
    Index(None, "tenant_id", "product_id"),
    Index(None, "tenant_id", "ordered_on", "id"),
    owned=True,
)

ORDERS = Aggregate(
    name="order",
    plural="orders",
    what=NOUN,
    table=orders,
    state=Order,
    snapshot=OrderSnapshot,
    sort_by={"number": orders.c.number, "ordered_on": orders.c.ordered_on},
)

ORDER_NUMBERS = Numbering(counters_table("order_counters", METADATA), prefix="SO")

payments: Table = tenant_table(
    "payments",
    METADATA,
    Column("id", Uuid, nullable=False),
    Column("order_id", Uuid, nullable=False),
    Column("system", Text, nullable=False),
    Column("payment_id", Text, nullable=False, comment="The payment's number in that system."),
    *money_columns("amount", nullable=False),
    Column("received_on", Date, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("recorded_by", Text, nullable=False),
    CheckConstraint("amount_amount > 0", name="amount"),
    PrimaryKeyConstraint("tenant_id", "id"),
    UniqueConstraint("tenant_id", "system", "payment_id"),
    belongs_to("order_id", "orders"),
    Index(None, "tenant_id", "order_id", "recorded_at", "id"),
)


def _represent_payment(source: FromClause) -> Sequence[Label[Any]]:
    plain = ("id", "order_id", "system", "payment_id", "received_on", "recorded_at", "recorded_by")
    amount = money_json(source.c.amount_amount, source.c.amount_currency).label("amount")
    return [*[source.c[name].label(name) for name in plain], amount]


PAYMENTS = Resource(
    name="payments",
    what=Words("payment", "回款"),
    table=payments,
    represent=_represent_payment,
    filters=field_map(
        Field("system", payments.c.system, "string"),
        Field("payment_id", payments.c.payment_id, "string"),
        Field("received_on", payments.c.received_on, "date"),
        Field("amount.amount", payments.c.amount_amount, "decimal"),
    ),
    sorts={
        "recorded_at": Sort(payments.c.recorded_at, datetime.fromisoformat),
        "id": Sort(payments.c.id, UUID),
    },
    default_sort="recorded_at",
)

OF_ORDER = payments.c.order_id == bindparam("order_id", type_=Uuid)
"""Condition on the payments: those of one order."""
