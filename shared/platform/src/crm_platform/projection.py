"""Copies of other services' records, kept from their events: one row per record, the newest state wins."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Column,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Uuid,
    bindparam,
    delete,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.schema import SchemaItem

from crm_contracts.base import DomainEvent, Money, Snapshot
from crm_contracts.registry import EVENTS
from crm_platform.db import Connection, Query
from crm_platform.db.schema import tenant_table
from crm_platform.events.wire import Record
from crm_platform.service import BatchConsumer
from crm_platform.uow import UnitOfWork


def projection_table(name: str, metadata: MetaData, *items: SchemaItem) -> Table:
    """A table of copies: the record's id and version, and the columns in ``items``, named like its fields."""
    return tenant_table(
        name,
        metadata,
        Column("id", Uuid, nullable=False),
        Column("version", Integer, nullable=False, comment="The record's version that this copy shows."),
        *items,
        PrimaryKeyConstraint("tenant_id", "id"),
    )


class Projection:
    """Keeps a :func:`projection_table` in step with events that carry the full state.

    Columns take the snapshot's field of the same name; ``<name>_amount`` and ``<name>_currency`` take the
    parts of a field that is money; ``derived`` columns what is computed from the whole snapshot.
    """

    def __init__(
        self,
        table: Table,
        *,
        gone: type[DomainEvent[Any]] | tuple[type[DomainEvent[Any]], ...] = (),
        remember_gone: bool = False,
        derived: Mapping[str, Callable[[Any], Any]] | None = None,
    ) -> None:
        """``gone`` is the event, or are the events, after which a record is no more.

        Its copy is dropped, or with ``remember_gone`` emptied: the version stays, so that no late event brings the
        record back.
        """
        self._gone = gone
        self._remember_gone = remember_gone
        self._derived = derived or {}
        self._read: dict[type[Snapshot], list[tuple[str, Callable[[Any], Any]]]] = {}
        columns = {column.name: column.type for column in table.c if column.name != "tenant_id"}
        self._columns = tuple(columns)
        arrays = [bindparam(name, type_=ARRAY(kind)) for name, kind in columns.items()]
        told = func.unnest(*arrays).table_valued(*columns).render_derived("told")
        statement = insert(table).from_select(list(columns), select(*[told.c[name] for name in columns]))
        statement = statement.on_conflict_do_update(
            index_elements=["tenant_id", "id"],
            set_={name: statement.excluded[name] for name in columns if name != "id"},
            where=table.c.version < statement.excluded.version,
        )
        self._keep = Query(statement)
        self._forget = Query(delete(table).where(table.c.id == bindparam("ids", type_=ARRAY(Uuid)).any_()))

    def consumer(self, aggregate_type: str) -> BatchConsumer:
        """What keeps the copies of one kind of records: all their events, and snapshots."""
        events = tuple(event for event in EVENTS.values() if event.aggregate_type == aggregate_type)
        return BatchConsumer(events, self.follow, snapshots=True)

    async def follow(self, unit: UnitOfWork, events: Sequence[tuple[DomainEvent[Any], Record]]) -> None:
        """Bring the copies up to date with ``events``, which are in order for each record; the last one counts."""
        last = {event.state.id: event for event, _ in events}
        gone = {id for id, event in last.items() if self._is_gone(event)}
        dropped = set() if self._remember_gone else gone
        kept = [self._row(event) for id, event in last.items() if id not in dropped]
        await self.keep(unit.connection, kept)
        await self.forget(unit.connection, dropped)

    async def keep(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write copies, each record at most once, unless a newer state is there."""
        if rows:
            values = {name: [row[name] for row in rows] for name in self._columns}
            await connection.execute(self._keep.text, *self._keep.bind(values))

    async def forget(self, connection: Connection, ids: Iterable[UUID]) -> None:
        """Drop copies."""
        gone = list(ids)
        if gone:
            await connection.execute(self._forget.text, *self._forget.args(ids=gone))

    def _is_gone(self, event: DomainEvent[Any]) -> bool:
        return isinstance(event, self._gone)

    def _row(self, event: DomainEvent[Any]) -> dict[str, Any]:
        if self._is_gone(event):
            return dict.fromkeys(self._columns) | {"id": event.state.id, "version": event.state.version}
        state = event.state
        read = self._read.get(type(state))
        if read is None:
            read = self._read[type(state)] = [(name, self._reader(type(state), name)) for name in self._columns]
        return {name: value_of(state) for name, value_of in read}

    def _reader(self, kind: type[Snapshot], column: str) -> Callable[[Any], Any]:
        return self._derived.get(column) or _reader(kind, column)


def _reader(kind: type[Snapshot], column: str) -> Callable[[Any], Any]:
    """What finds the value of a column in a state."""
    for part in ("amount", "currency"):
        name = column.removesuffix(f"_{part}")
        if name != column and name in kind.model_fields:
            return partial(_part_of_money, attrgetter(name), attrgetter(part))
    return partial(_plain, attrgetter(column))


def _plain(read: Callable[[Any], Any], state: Any) -> Any:
    value = read(state)
    return list(value) if isinstance(value, tuple) else value


def _part_of_money(whole: Callable[[Any], Money | None], part: Callable[[Money], Any], state: Any) -> Any:
    money = whole(state)
    return None if money is None else part(money)
