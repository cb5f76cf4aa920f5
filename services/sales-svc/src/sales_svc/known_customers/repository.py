"""Queries of the known customers."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Integer, Text, Uuid, bindparam, delete, exists, func, select
from sqlalchemy.dialects.postgresql import insert

from crm_contracts.customer.v1 import CustomerSnapshot
from crm_platform.db import Connection, Query
from sales_svc.known_customers.models import known_customers

_COLUMNS: dict[str, Any] = {
    "id": Uuid,
    "version": Integer,
    "name": Text,
    "status": Text,
    "owner_id": Uuid,
    "team_id": Uuid,
}


def _keep() -> Query:
    arrays = [bindparam(name, type_=ARRAY(kind)) for name, kind in _COLUMNS.items()]
    told = func.unnest(*arrays).table_valued(*_COLUMNS).render_derived("told")
    statement = insert(known_customers).from_select(list(_COLUMNS), select(*[told.c[name] for name in _COLUMNS]))
    newer = {name: statement.excluded[name] for name in _COLUMNS if name != "id"}
    return Query(
        statement.on_conflict_do_update(
            index_elements=["tenant_id", "id"],
            set_=newer,
            where=known_customers.c.version < statement.excluded.version,
        )
    )


_KEEP = _keep()
_FORGET = Query(delete(known_customers).where(known_customers.c.id == bindparam("ids", type_=ARRAY(Uuid)).any_()))


async def keep(connection: Connection, customers: Sequence[CustomerSnapshot]) -> None:
    """Remember these customers, each at most once, unless a newer state is known."""
    if customers:
        values = {name: [getattr(customer, name) for customer in customers] for name in _COLUMNS}
        await connection.execute(_KEEP.text, *_KEEP.args(**values))


async def forget(connection: Connection, ids: Iterable[UUID]) -> None:
    """Drop the copies of customers that are no more."""
    gone = list(ids)
    if gone:
        await connection.execute(_FORGET.text, *_FORGET.args(ids=gone))


def is_known(customer_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether the customer has arrived here: the copy lags its original by a moment."""
    return exists().where(known_customers.c.id == customer_id).correlate_except(known_customers)
