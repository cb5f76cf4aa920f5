"""Whether a caller may see what happened to a record, and what of it; judged by the record as it is now."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Label, Select, Uuid, bindparam, literal, select

from crm_platform.aggregate import AggregateState
from crm_platform.context import Caller
from crm_platform.db import Connection
from crm_platform.errors import NotFound
from crm_platform.history.trail import has_trail
from crm_platform.reads.reader import statement_about
from crm_platform.reads.resource import Resource
from crm_platform.reads.visibility import visibility_args, visible
from crm_platform.store import Aggregate


async def veiled_members(
    connection: Connection, aggregate: Aggregate[AggregateState], view: Resource, caller: Caller, id: UUID
) -> Collection[str]:
    """Members that are hidden from ``caller`` in this record.

    What happened to a deleted record is shown to whoever sees all records.

    Raises:
        NotFound: There never was such a record, or the caller may not see it.
    """
    query = statement_about((view, "standing"), (caller.visibility,), lambda: _statement(view, caller))
    row = await connection.fetchrow(query.text, *query.bind(visibility_args(view.table, caller) | {"id": id}))
    if row is not None:
        return {name for name, hidden in zip(view.veils, tuple(row)[1:], strict=True) if hidden}
    if caller.visibility != "all" or not await has_trail(connection, aggregate.name, id):
        raise NotFound(what=view.what, id=id)
    return ()


def _statement(view: Resource, caller: Caller) -> Select[Any]:
    columns: list[Label[Any]] = [literal(1).label("present")]
    columns += [hides(view.table).label(f"hidden_{name}") for name, hides in view.veils.items()]
    statement = select(*columns).select_from(view.table)
    statement = statement.where(view.table.c.id == bindparam("id", type_=Uuid))
    condition = visible(view.table, caller.visibility)
    return statement if condition is None else statement.where(condition)
