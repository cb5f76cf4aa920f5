"""A record as it was at a moment: its state is rebuilt from audit entries, and PostgreSQL shows it as it shows rows.

What a representation adds from other tables is as it is now; all that the state tells is as it was.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Select, Text, bindparam, select, text
from sqlalchemy.sql.expression import FromClause

from crm_platform.aggregate import AggregateState
from crm_platform.db import Connection
from crm_platform.errors import NotFound
from crm_platform.history.standing import veiled_members
from crm_platform.history.trail import BESIDE, Entry, OpenTrail, entries_until, is_deletion
from crm_platform.reads.field_access import shown_to
from crm_platform.reads.reader import Reader, Rendered, statement_about
from crm_platform.reads.resource import Resource
from crm_platform.sealing.reading import with_members
from crm_platform.sealing.tables import SEALED
from crm_platform.search.declare import COLUMN as WORDS
from crm_platform.store import Aggregate

_NOT_OF_THE_STATE = frozenset({"tenant_id", SEALED, WORDS})


async def as_of(reader: Reader, aggregate: Aggregate[Any], view: Resource, id: UUID, moment: datetime) -> Rendered:
    """The record as it was at ``moment``.

    A change counts from the moment at which it says it was made, which is a little before its commit.

    Raises:
        NotFound: There is no such record for the caller, or there was none then.
    """
    view = await reader.view(view)
    async with reader.open() as connection:
        hidden = await veiled_members(connection, aggregate, view, reader.caller, id)
        rendered = await rebuilt(connection, aggregate, reader.caller.tenant_id, id, moment)
    if rendered is None:
        raise NotFound(what=view.what, id=id)
    body = _without(rendered.body, hidden) if hidden else rendered.body
    if aggregate.custom is not None and (fields := aggregate.custom.recent(reader.caller.tenant_id)) is not None:
        body = fields.without_hidden(body)
    return Rendered(id, shown_to(reader.caller, view, body), rendered.version)


async def rebuilt(
    connection: Connection, aggregate: Aggregate[Any], tenant_id: UUID, id: UUID, moment: datetime
) -> Rendered | None:
    """The record as its audit entries tell of it, all of it; None where there was none at ``moment``."""
    entries = await entries_until(connection, aggregate.name, id, moment)
    if not entries or is_deletion(entries[0]):
        return None
    trail = await OpenTrail.of(connection, tenant_id, entries)
    state = state_of(aggregate, entries, trail)
    query = statement_about((aggregate.resource, "past"), (), lambda: _shown(aggregate))
    body: str = await connection.fetchval(query.text, *query.bind({"state": _row(aggregate, state)}))
    return Rendered(id, _with_sealed(aggregate, body.encode(), state, trail.erased_at(entries)), state.version)


def state_of(aggregate: Aggregate[Any], entries: Sequence[Entry], trail: OpenTrail) -> AggregateState:
    """The state that ``entries`` make, of which the newest comes first and the last one has it all."""
    newest, first = entries[0], entries[-1]
    values: dict[str, Any] = {}
    for entry in entries:
        told = {name: value for name, value in entry["after"].items() if name not in BESIDE}
        values = {**told, **(trail.side(entry, "after").values or {}), **values}
    if trail.erased_at(entries) is not None and aggregate.spec.sealed_when is None:
        values |= aggregate.spec.sealed
    values = {**(aggregate.trail.gone if aggregate.trail else {}), **values}
    author = {"version": newest["version"], "updated_at": newest["at"], "updated_by": newest["actor"]}
    state: AggregateState = aggregate.spec.state.model_validate({**values, **author, "id": first["after"]["id"]})
    return state


def unreadable(entries: Sequence[Entry], trail: OpenTrail) -> set[str]:
    """Members whose last value ``entries`` tell, the newest first, and which nobody can read any more."""
    told, lost = set[str](), set[str]()
    for entry in entries:
        side = trail.side(entry, "after")
        if side.values is None:
            lost |= set(side.names) - told
        told |= {*side.names, *(entry["after"].keys() - BESIDE)}
    return lost


def _row(aggregate: Aggregate[Any], state: AggregateState) -> str:
    return orjson.dumps(aggregate.spec.to_row(state), default=str).decode()


def _shown(aggregate: Aggregate[Any]) -> Select[Any]:
    """Show a state, given as the JSON of its row, as the resource shows rows."""
    source = _row_of(aggregate)
    return select(aggregate.resource.json_of(source)).select_from(source)


def _row_of(aggregate: Aggregate[Any]) -> FromClause:
    columns = [column for column in aggregate.table.c if column.name not in _NOT_OF_THE_STATE]
    names = ", ".join(f'"{column.name}"' for column in columns)
    table = aggregate.table.name
    rows = text(f"SELECT {names} FROM jsonb_populate_record(CAST(NULL AS {table}), CAST(:state AS jsonb))")
    return rows.bindparams(bindparam("state", type_=Text)).columns(*columns).subquery("past")


def _with_sealed(aggregate: Aggregate[Any], body: bytes, state: AggregateState, erased_at: datetime | None) -> bytes:
    part = aggregate.sealed
    return body if part is None else with_members(body, part.content(state), erased_at)


def _without(body: bytes, hidden: Collection[str]) -> bytes:
    """The JSON of a record with some members empty."""
    members = orjson.loads(body)
    for name in hidden:
        member, _, key = name.partition(".")
        if key and isinstance(members.get(member), dict):
            members[member].pop(key, None)
    empty: dict[str, Any] = {
        name: [] if isinstance(members[name], list) else None for name in hidden if name in members
    }
    return orjson.dumps(members | empty)
