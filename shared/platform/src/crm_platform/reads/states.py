"""States that are only looked at: like :meth:`UnitOfWork.find_many`, but nobody waits for them."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, FromClause, Integer, Uuid, bindparam, select

from crm_platform.aggregate import AggregateState
from crm_platform.context import Caller, Visibility
from crm_platform.db import Connection, Query
from crm_platform.reads.visibility import visibility_args, visible
from crm_platform.sealing.tables import SEALED
from crm_platform.sealing.vault import vault_of
from crm_platform.store import Aggregate

S = TypeVar("S", bound=AggregateState)


async def look_at(
    connection: Connection, aggregate: Aggregate[S], caller: Caller, ids: Iterable[UUID]
) -> dict[UUID, S]:
    """The states of records as they are at this moment, by id and in the order of the ids; none is locked.

    What does not exist, or is not visible to ``caller``, is absent. Personal data that was erased is empty.
    """
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    query = _query(aggregate, caller.visibility)
    values = visibility_args(aggregate.table, caller) | {"ids": wanted}
    rows = await connection.fetch(query.text, *query.bind(values))
    if aggregate.sealed is None:
        return {row["id"]: aggregate.spec.from_row(row) for row in rows}
    vault, tenant, sealed = vault_of(connection), caller.tenant_id, aggregate.sealed
    contents = ((row, sealed.read(vault, tenant, row["id"], row)[0]) for row in rows)
    return {row["id"]: aggregate.spec.from_row(row, content) for row, content in contents}


async def look_at_all(
    connection: Connection, aggregate: Aggregate[S], member: str, value: UUID, *, limit: int | None = None
) -> list[S]:
    """The states of all records without sealed members whose ``member`` has this value, the oldest first.

    With ``limit`` the first so many. Whoever asks has seen to it that they may be seen; none is locked.
    """
    if aggregate.sealed is not None:
        raise TypeError("records with sealed members are looked at by their ids")
    query = _all(aggregate, member)
    rows = await connection.fetch(query.text, *query.args(value=value, limit=limit))
    return [aggregate.spec.from_row(row) for row in rows]


def columns_of(aggregate: Aggregate[Any], source: FromClause) -> list[ColumnElement[Any]]:
    """The columns that make a state, out of another place where there are rows like those of the aggregate's table."""
    shown = [column.name for column in aggregate.loaded_columns() if column.name in source.c]
    plain = [source.c[name] for name in shown if aggregate.sealed is None or name != SEALED]
    return [*plain, *aggregate.sealed.columns(source)] if aggregate.sealed else plain


def state_of(connection: Connection, aggregate: Aggregate[S], tenant_id: UUID, row: Any) -> S:
    """The state in a row that was selected with :func:`columns_of`, or with the aggregate's own columns.

    Personal data that was erased is empty.
    """
    if aggregate.sealed is None:
        return aggregate.spec.from_row(row)
    content, _ = aggregate.sealed.read(vault_of(connection), tenant_id, row["id"], row)
    return aggregate.spec.from_row(row, content)


@lru_cache(64)
def _query(aggregate: Aggregate[Any], visibility: Visibility) -> Query:
    table = aggregate.table
    wanted = table.c.id == bindparam("ids", type_=ARRAY(Uuid)).any_()
    statement = select(*aggregate.loaded_columns()).where(wanted).order_by(table.c.id)
    condition = visible(table, visibility)
    return Query(statement if condition is None else statement.where(condition))


@lru_cache(64)
def _all(aggregate: Aggregate[Any], member: str) -> Query:
    table = aggregate.table
    asked = table.c[member] == bindparam("value", type_=Uuid)
    statement = select(*aggregate.loaded_columns()).where(asked).order_by(table.c.created_at, table.c.id)
    return Query(statement.limit(bindparam("limit", type_=Integer)))  # null is no limit
