"""Queries of the orders beyond load, insert and update."""

from collections import Counter
from typing import Any

import asyncpg
from sqlalchemy import ARRAY, Integer, Table, bindparam, func, select
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.postgresql import insert

from crm_platform.db import Connection, Query
from sales_svc.orders.models import PAYMENTS, order_counters, payments


def _take() -> Query:
    arrays = [bindparam(name, type_=ARRAY(Integer)) for name in ("years", "counts")]
    wanted = func.unnest(*arrays).table_valued("year", "last").render_derived("wanted")
    # In the order of the years, so that two batches never wait for each other.
    source = select(wanted.c.year, wanted.c.last).order_by(wanted.c.year)
    statement = insert(order_counters).from_select(["year", "last"], source)
    raised = statement.on_conflict_do_update(
        index_elements=["tenant_id", "year"], set_={"last": order_counters.c.last + statement.excluded.last}
    )
    return Query(raised.returning(order_counters.c.year, order_counters.c.last))


def _add_payment(table: Table) -> Query:
    values = {
        column.name: bindparam(column.name, type_=column.type) for column in table.c if column.name != "tenant_id"
    }
    added = plain_insert(table).values(values).returning(*table.c).cte("added")
    return Query(select(PAYMENTS.json_of(added)).select_from(added))


_TAKE = _take()
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


async def take_numbers(connection: Connection, wanted: Counter[int]) -> dict[int, int]:
    """Raise the counters of the years in ``wanted`` by that much; returns the last number taken of each year.

    Other transactions that want numbers of the same year wait until this one ends, so that none is left out.
    """
    arguments = _TAKE.args(years=list(wanted), counts=list(wanted.values()))
    return {row["year"]: row["last"] for row in await connection.fetch(_TAKE.text, *arguments)}


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
