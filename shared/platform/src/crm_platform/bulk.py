"""Many changes of one aggregate in one statement: the same rows, audit entries, events and keys as single ones.

The statement of a single change (see :mod:`crm_platform.store`) costs its planning, its start and a round trip each
time. Here each of its parameters is an array with an element per change, which ``unnest`` makes a table of, so that a
thousand changes cost them once. What PostgreSQL cannot take as an array of its own type travels as an array of texts.
What all changes have in common travels once: most members of most records say nothing, and what happened, by whom and
when is one for all. Each element costs the client as much as a look at what it may be.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

import orjson
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    Numeric,
    String,
    Table,
    Uuid,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from crm_platform.audit.chain import CONTENT as AUDIT_CONTENT
from crm_platform.custom_fields.columns import REVISION
from crm_platform.custom_fields.tables import REVISIONS
from crm_platform.db.arrays import array_literal, names_literal, plain_literal
from crm_platform.mechanism import AUDIT_ENTRIES, OUTBOX, OUTBOX_CONTENT
from crm_platform.sealing.tables import SEALED, SUBJECT_KEYS

if TYPE_CHECKING:
    from crm_platform.store import Aggregate

T = TypeVar("T")

_MOST: Final = 1000
"""Changes of one portion; beyond, what is made of them takes more memory, and nothing is gained."""

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
_KEY_COLUMNS = ("subject_id", "wrapped_key", "kek_id")
_ID = "row_id"
_TOLD_ALREADY: Final[Mapping[str, str]] = {
    "audit_aggregate_id": _ID,
    "event_aggregate_id": _ID,
    "event_event_id": "audit_entry_id",
    "event_aggregate_type": "audit_aggregate_type",
    "event_version": "audit_version",
    "event_occurred_at": "audit_at",
}
"""Parameters of single statements that say what another one says, too."""
_NATIVE: tuple[tuple[type[TypeEngine[Any]], str], ...] = (
    (Uuid, "uuid"),
    (BigInteger, "bigint"),
    (Integer, "integer"),
    (Numeric, "numeric"),
    (Boolean, "boolean"),
    (DateTime, "timestamptz"),
    (Date, "date"),
    (LargeBinary, "bytea"),
    (String, "text"),
)


@dataclass(frozen=True, slots=True)
class _Parameter:
    """One parameter of the single statement, which is a column here."""

    name: str
    array: str
    """Type of its elements."""
    cast: str
    """What makes an element a value of the column."""
    encode: Callable[[Any], Any] | None


class BulkStatement:
    """Inserts, updates or deletes many records of one aggregate, given by the parameters of single statements.

    Args:
        aggregate: Whose records.
        columns: Names of the columns that are written, ``id`` among them.
        updates: Replace records at their ``version_before``, instead of adding them.
        restores: The records were there before, so that some of their keys may be.
        deletes: Remove records at their ``version_before``.
    """

    def __init__(
        self,
        aggregate: "Aggregate[Any]",
        columns: Iterable[str],
        *,
        updates: bool = False,
        restores: bool = False,
        deletes: bool = False,
    ) -> None:
        self._aggregate = aggregate
        self._restores = restores
        self._updates = updates
        self._deletes = deletes
        self._columns = sorted(columns)
        self._parameters = [one for one in self._all_parameters() if one.name not in _TOLD_ALREADY]
        self._has_keys = aggregate.sealed is not None and aggregate.sealed.keys is not None and not deletes
        self.text = self._text()

    def bind(self, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        """The arguments for changes, each with the parameters of a single statement."""
        arguments: list[Any] = [_array(one, rows) for one in self._parameters]
        for name in self._key_sets():
            arguments += _keys(rows, name)
        return arguments

    def _key_sets(self) -> tuple[str, ...]:
        if not self._has_keys:
            return ()
        return ("added", "removed") if self._updates else ("added",)

    def _all_parameters(self) -> Iterable[_Parameter]:
        table, sealed = self._aggregate.table, self._aggregate.sealed
        yield from (_parameter("row_", table, name) for name in self._columns)
        if self._updates or self._deletes:
            yield _Parameter("version_before", "integer", "", None)
        yield from (_parameter("audit_", AUDIT_ENTRIES, name) for name in AUDIT_CONTENT)
        yield from (_parameter("event_", OUTBOX, name) for name in OUTBOX_CONTENT)
        if sealed is not None and sealed.own and not (self._updates or self._deletes):
            yield from (_parameter("key_", SUBJECT_KEYS, name) for name in _KEY_COLUMNS)

    def _text(self) -> str:
        arrays = ", ".join(f"${number}::{one.array}[]" for number, one in enumerate(self._parameters, 1))
        names = ", ".join(one.name for one in self._parameters)
        parts = [
            f"given AS MATERIALIZED (SELECT {self._given(names, arrays)})",
            f"changed AS ({self._change()} RETURNING changing.id)",
            f"audited AS ({self._recorded('audit_', AUDIT_ENTRIES, AUDIT_CONTENT)})",
            f"told AS ({self._recorded('event_', OUTBOX, OUTBOX_CONTENT)})",
        ]
        if any(one.name == "key_wrapped_key" for one in self._parameters):
            own = self._recorded("key_", SUBJECT_KEYS, _KEY_COLUMNS, "WHERE given.key_wrapped_key IS NOT NULL")
            parts.append(f"sealed AS ({own})")
        parts += self._of_keys()
        return f"WITH {', '.join(parts)} SELECT count(*) FROM changed"

    def _given(self, names: str, arrays: str) -> str:
        """The parameters as columns of a row for each change; an array with one element tells it of all."""
        columns = ((f"${number}::{one.array}[]", one.name) for number, one in enumerate(self._parameters, 1))
        told = (
            name if name == _ID else f"CASE cardinality({array}) WHEN 1 THEN ({array})[1] ELSE {name} END AS {name}"
            for array, name in columns
        )
        return f"{', '.join(told)}, nth FROM unnest({arrays}) WITH ORDINALITY AS given ({names}, nth)"

    def _change(self) -> str:
        if self._deletes:
            return self._delete()
        return self._update() if self._updates else self._insert()

    def _delete(self) -> str:
        return (
            f"DELETE FROM {self._aggregate.table.name} AS changing USING given"
            " WHERE changing.id = given.row_id AND changing.version = given.version_before"
        )

    def _insert(self) -> str:
        values = ", ".join(f"given.row_{name}{self._cast(name)}" for name in self._columns)
        table = self._aggregate.table.name
        columns = ", ".join(f'"{name}"' for name in self._columns)
        return (
            f"INSERT INTO {table} AS changing ({columns}) SELECT {values} FROM given"
            f" WHERE {self._as_defined()} ORDER BY given.nth"
        )

    def _as_defined(self) -> str:
        """That custom fields were checked by their last definitions, see :meth:`Aggregate._as_defined`."""
        if self._aggregate.custom is None:
            return "true"
        found = f"SELECT revision FROM {REVISIONS.name} WHERE resource = '{self._aggregate.custom.resource}'"
        return f"given.row_{REVISION} = coalesce(({found}), 0)"

    def _update(self) -> str:
        sets = ", ".join(f'"{name}" = {self._new_value(name)}' for name in self._columns if name != "id")
        return (
            f"UPDATE {self._aggregate.table.name} AS changing SET {sets} FROM given"
            " WHERE changing.id = given.row_id AND changing.version = given.version_before"
            f" AND {self._as_defined()}"
        )

    def _new_value(self, name: str) -> str:
        value = f"given.row_{name}{self._cast(name)}"
        if name != SEALED:
            return value
        kept, sealed = f"coalesce({value}, changing.{name})", self._aggregate.sealed
        when = sealed.when if sealed is not None else None
        return kept if when is None else f"CASE WHEN given.row_{when} THEN {kept} END"

    def _cast(self, column: str) -> str:
        return next(one.cast for one in self._parameters if one.name == f"row_{column}")

    def _recorded(self, prefix: str, table: Table, names: Sequence[str], condition: str = "") -> str:
        """Insert into a mechanism table, for the rows that were written, in the order of the changes."""
        casts = {one.name: one.cast for one in self._parameters}
        told = [_TOLD_ALREADY.get(prefix + name, prefix + name) for name in names]
        values = ", ".join(f"given.{name}{casts[name]}" for name in told)
        listed = ", ".join(f'"{name}"' for name in names)
        return (
            f"INSERT INTO {table.name} ({listed}) SELECT {values} FROM given JOIN changed ON changed.id = given.row_id"
            f" {condition} ORDER BY given.nth"
        )

    def _of_keys(self) -> Iterable[str]:
        if not self._has_keys:
            return
        table, first = self._aggregate.sealed.keys.table.name, len(self._parameters) + 1  # type: ignore[union-attr]
        added = _given_keys("added", first)
        # Where none can be there, not to look for them first saves a third of what it takes to file them.
        known = " ON CONFLICT DO NOTHING" if self._updates or self._restores else ""
        yield (
            f"keys_added AS (INSERT INTO {table} (kind, key, record_id) SELECT added.kind, added.key, added.record_id"
            f" FROM {added} JOIN changed ON changed.id = added.record_id{known})"
        )
        if self._updates:
            removed = _given_keys("removed", first + 3)
            yield (
                f"keys_removed AS (DELETE FROM {table} AS filed USING {removed}, changed"
                " WHERE changed.id = removed.record_id AND filed.record_id = removed.record_id"
                " AND filed.kind = removed.kind AND filed.key = removed.key)"
            )


def portions(changes: Iterable[T], record: Callable[[T], Any]) -> Iterator[list[T]]:
    """The changes in order, in portions of which none has two changes of one ``record``, so that they go together."""
    portion: dict[Any, T] = {}
    for change in changes:
        id = record(change)
        if id in portion or len(portion) == _MOST:
            yield list(portion.values())
            portion = {}
        portion[id] = change
    if portion:
        yield list(portion.values())


def _given_keys(name: str, first: int) -> str:
    arrays = f"${first}::text::text[], ${first + 1}::text::uuid[], ${first + 2}::text::uuid[]"
    return f"unnest({arrays}) AS {name} (kind, key, record_id)"


def _parameter(prefix: str, table: Table, name: str) -> _Parameter:
    type_ = table.c[name].type
    full = f"{prefix}{name}"
    for known, array in _NATIVE:
        if isinstance(type_, known):
            return _Parameter(full, array, "", None)
    encode = _json if isinstance(type_, JSONB) else array_literal if isinstance(type_, ARRAY) else None
    return _Parameter(full, "text", f"::{type_.compile(dialect=_DIALECT)}", encode)


def _array(parameter: _Parameter, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    name, encode = parameter.name, parameter.encode
    values = [row[name] for row in rows]
    if len(set(map(id, values))) == 1:
        del values[1:]
    if encode is not None:
        values = [None if value is None else encode(value) for value in values]
    # Equal numerics can have different scales.
    return values if parameter.array == "numeric" or not _are_one(values) else values[:1]


def _are_one(values: Sequence[Any]) -> bool:
    return bool(values[0] == values[-1] and values.count(values[0]) == len(values))


def _keys(rows: Sequence[Mapping[str, Any]], name: str) -> list[str]:
    """Kinds, keys and records; sorted, so that two transactions that write the same ones never wait for each other."""
    kinds_of, keys_of = f"{name}_kinds", f"{name}_keys"
    rows = [row for row in rows if row[kinds_of]]
    told = [(row[kinds_of], row[keys_of], str(row[_ID])) for row in rows]
    entries = [(kind, key, id) for kinds, keys, id in told for kind, key in zip(kinds, keys, strict=True)]
    entries.sort()
    kinds, keys, ids = zip(*entries, strict=True) if entries else ((), (), ())
    return [names_literal(kinds), plain_literal(keys), plain_literal(ids)]


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
