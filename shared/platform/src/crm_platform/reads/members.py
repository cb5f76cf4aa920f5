"""Some members of records, only looked at: like :mod:`~.states`, at a fraction of the cost of whole states."""

from collections.abc import Iterable
from functools import lru_cache
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ARRAY, Uuid, bindparam, select

from crm_platform.context import Caller, Visibility
from crm_platform.db import Connection, Query
from crm_platform.reads.visibility import visibility_args, visible
from crm_platform.sealing.members import SealedPart
from crm_platform.sealing.vault import Vault, vault_of
from crm_platform.store import Aggregate

_HOLDERS = frozenset({dict, list})


class Members(SimpleNamespace):
    """Members of a record, or of an object in one, by their names.

    Their values are as JSON has them: texts in the place of enumerations, lists in that of tuples, further ``Members``
    for objects. What an older version has not written is None, as the contract has it of what was added later.
    """

    def __getattr__(self, name: str) -> Any:
        """None, as only what is not there is looked for here."""
        if name.startswith("__"):
            raise AttributeError(name)
        return None


async def look_at_members(
    connection: Connection, aggregate: Aggregate[Any], caller: Caller, ids: Iterable[UUID], names: tuple[str, ...]
) -> dict[UUID, Members]:
    """Members of records as they are at this moment, by id and in the order of the ids; nothing is locked or checked.

    What does not exist, or is not visible to ``caller``, is absent. Personal data that was erased is empty. Amounts of
    money, which have two columns, cannot be asked for.
    """
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    query, plain, sealed = _query(aggregate, caller.visibility, names)
    values = visibility_args(aggregate.table, caller) | {"ids": wanted}
    rows = await connection.fetch(query.text, *query.bind(values))
    found = {row["id"]: Members(**{name: _value(row[name]) for name in plain}) for row in rows}
    if sealed and aggregate.sealed is not None:
        vault = vault_of(connection)
        for row in rows:
            _open(aggregate.sealed, vault, caller.tenant_id, row, sealed, into=found[row["id"]])
    return found


def _open(part: SealedPart, vault: Vault, tenant_id: UUID, row: Any, names: tuple[str, ...], *, into: Members) -> None:
    content, _ = part.read(vault, tenant_id, row["id"], row)
    opened = {} if content is None else orjson.loads(content)
    known = into.__dict__
    for name in names:
        known[name] = _value(opened[name]) if name in opened else part.defaults[name]


def _value(value: Any) -> Any:
    """A value of JSON with ``Members`` in the place of objects; the value itself is not used any more."""
    if type(value) is list:
        return [_value(one) for one in value]
    if type(value) is not dict:
        return value
    for name, inner in value.items():
        if type(inner) in _HOLDERS:  # hardly any
            value[name] = _value(inner)
    return Members(**value)


@lru_cache(64)
def _query(
    aggregate: Aggregate[Any], visibility: Visibility, names: tuple[str, ...]
) -> tuple[Query, tuple[str, ...], tuple[str, ...]]:
    """The statement, and which of ``names`` have columns of their own and which are sealed."""
    table, part = aggregate.table, aggregate.sealed
    sealed = tuple(name for name in names if part is not None and name in part.members)
    plain = tuple(name for name in names if name not in sealed)
    shown = [table.c[name] for name in plain if name != "id"]
    opened = part.columns(table) if part is not None and sealed else []
    statement = select(table.c.id, *shown, *opened).where(table.c.id == bindparam("ids", type_=ARRAY(Uuid)).any_())
    condition = visible(table, visibility)
    ordered = (statement if condition is None else statement.where(condition)).order_by(table.c.id)
    return Query(ordered), plain, sealed
