"""A table of the keys by which the sealed members of records are found, kept in the statement that writes a record."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CTE,
    Column,
    ColumnElement,
    Delete,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    bindparam,
    delete,
    func,
    literal_column,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import insert as pg_insert

from crm_platform.db import Connection, Query
from crm_platform.db.schema import tenant_table
from crm_platform.sealing.index import BlindIndex
from crm_platform.sealing.vault import vault_of

Values = Callable[[Any], Iterable[str]]
"""The normalised values of one kind that a state has."""

Entry = tuple[str, UUID]
"""A kind, and the key of a value."""


def record_keys_table(name: str, metadata: MetaData) -> Table:
    """By which keys the records of one aggregate are found."""
    return tenant_table(
        name,
        metadata,
        Column("kind", Text, nullable=False),
        Column("key", Uuid, nullable=False),
        Column("record_id", Uuid, nullable=False),
        PrimaryKeyConstraint("tenant_id", "kind", "key", "record_id"),
        Index(None, "tenant_id", "record_id"),
    )


class RecordKeys:
    """Finds the records of one aggregate by values of its sealed members.

    Build one per aggregate in ``models.py``, from a table of :func:`record_keys_table`, and give it to ``Sealed``.

    Args:
        table: Where the keys are.
        kinds: What is searched for, by kind (such as ``phone``): which values a state has, each in the one form in
            which all that count as equal are spelled.
    """

    def __init__(self, table: Table, kinds: Mapping[str, Values]) -> None:
        self.table = table
        self._kinds = kinds
        at = (table.c.kind == bindparam("kind", type_=Text), table.c.key == bindparam("key", type_=Uuid))
        self._find = Query(select(table.c.record_id).where(*at).order_by(table.c.record_id))
        self._forget = Query(delete(table).where(table.c.record_id == bindparam("record_id", type_=Uuid)))

    def entries(self, index: BlindIndex, tenant_id: UUID, state: Any) -> set[Entry]:
        """The keys of ``state``."""
        blind = index.of(tenant_id)
        return {(kind, blind(kind, value)) for kind, values in self._kinds.items() for value in values(state)}

    def changes(self, index: BlindIndex, tenant_id: UUID, before: Any, after: Any) -> tuple[set[Entry], set[Entry]]:
        """The keys that a change of a record adds, and those that it removes."""
        was, now = self.entries(index, tenant_id, before), self.entries(index, tenant_id, after)
        return now - was, was - now

    async def find(self, connection: Connection, tenant_id: UUID, kind: str, value: str) -> list[UUID]:
        """The ids of the records that have this normalised value, whoever owns them."""
        key = vault_of(connection).index.key(tenant_id, kind, value)
        return [row[0] for row in await connection.fetch(self._find.text, *self._find.args(kind=kind, key=key))]

    def having(self, kind: str, record: ColumnElement[Any]) -> ColumnElement[bool]:
        """The condition of having a value of ``kind``, for lists.

        Args:
            kind: One of the kinds.
            record: The id of the record.

        Returns:
            A condition with the parameter ``<kind>_key``, which is :meth:`Reader.blind_key` of the value.
        """
        return self._with_key(kind, record, self.table.c.key == bindparam(f"{kind}_key", type_=Uuid))

    def having_any(self, kind: str, record: ColumnElement[Any], keys: ColumnElement[Any]) -> ColumnElement[bool]:
        """The condition of having a value of ``kind`` whose key is among ``keys``, an array."""
        return self._with_key(kind, record, self.table.c.key == keys.any_())

    def _with_key(self, kind: str, record: ColumnElement[Any], condition: ColumnElement[bool]) -> ColumnElement[bool]:
        keys = self.table.c
        return record.in_(select(keys.record_id).where(keys.kind == literal_column(f"'{kind}'"), condition))

    async def forget(self, connection: Connection, record_id: UUID) -> None:
        """Let a record no longer be found; belongs to its erasure."""
        await connection.execute(self._forget.text, *self._forget.args(record_id=record_id))

    def additions(self, changed: CTE) -> CTE:
        """Add the keys that the statement is given to the record that it writes."""
        given = _given("added")
        rows = select(given.c.kind, given.c.key, changed.c.id).select_from(changed.join(given, literal_column("true")))
        statement = pg_insert(self.table).from_select(["kind", "key", "record_id"], rows)
        return statement.on_conflict_do_nothing().cte("keys_added")

    def removals(self, changed: CTE) -> CTE:
        """Remove the keys that the statement is given from the record that it writes."""
        given, table = _given("removed"), self.table.c
        gone = tuple_(table.kind, table.key).in_(select(given.c.kind, given.c.key))
        statement: Delete = delete(self.table).where(table.record_id == changed.c.id, gone)
        return statement.cte("keys_removed")

    def removal_of_all(self, changed: CTE) -> CTE:
        """Remove all keys of the record that the statement deletes."""
        return delete(self.table).where(self.table.c.record_id == changed.c.id).cte("keys_removed")


def arguments(*, added: Iterable[Entry], removed: Iterable[Entry] | None = None) -> dict[str, Any]:
    """Parameters of the statement that writes a record; a new record has none to be ``removed``.

    They are sorted, so that two transactions that write the same keys never wait for each other.
    """
    given = _arrays("added", sorted(added))
    return given if removed is None else given | _arrays("removed", sorted(removed))


def _arrays(name: str, entries: Sequence[Entry]) -> dict[str, Any]:
    return {f"{name}_kinds": [kind for kind, _ in entries], f"{name}_keys": [key for _, key in entries]}


def _given(name: str) -> Any:
    arrays = bindparam(f"{name}_kinds", type_=ARRAY(Text)), bindparam(f"{name}_keys", type_=ARRAY(Uuid))
    return func.unnest(*arrays).table_valued(Column("kind", Text), Column("key", Uuid)).render_derived(name)
