"""Queries of the orders beyond load, insert and update."""

from typing import Any

import asyncpg
from sqlalchemy import Table, bindparam, insert, select

from crm_platform.db import Connection, Query
from sales_svc.orders.models import PAYMENTS, payments


def _add_payment(table: Table) -> Query:
    values = {
        column.name: bindparam(column.name, type_=column.type) for column in table.c if column.name != "tenant_id"
    }
    added = insert(table).values(values).returning(*table.c).cte("added")
    return Query(select(PAYMENTS.json_of(added)).select_from(added))


_ADD_PAYMENT = _add_payment(payments)
_FIND_PAYMENT = Query(
    select(
        payments.c.order_id,
        payments.c.amount_amount,
        payments.c.amount_currency,
        payments.c.received_on,
        PAYMENTS.json_of(payments).label("json"),
    ).where(payments.c.system == bindparam("system"), payments.c.payment_id == bindparam("payment_id"))
)


async def find_payment(connection: Connection, *, system: str, payment_id: str) -> asyncpg.Record | None:
    """``order_id``, amount, ``received_on`` and ``json`` of the payment that ``system`` knows under this number."""
    arguments = _FIND_PAYMENT.args(system=system, payment_id=payment_id)
    return await connection.fetchrow(_FIND_PAYMENT.text, *arguments)


async def add_payment(connection: Connection, values: dict[str, Any]) -> bytes:
    """Put a payment on record; returns it as JSON.

    Raises:
        asyncpg.UniqueViolationError: The system has used the number before.
    """
    body: str = await connection.fetchval(_ADD_PAYMENT.text, *_ADD_PAYMENT.bind(values))
    return body.encode()
