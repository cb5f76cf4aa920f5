"""Aggregates in tables: one statement writes the row, its audit entry and its event."""

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CTE,
    ColumnElement,
    Integer,
    Select,
    Table,
    Uuid,
    bindparam,
    case,
    func,
    insert,
    select,
    update,
)

from crm_contracts.base import Snapshot
from crm_platform.aggregate import AggregateSpec, AggregateState
from crm_platform.audit.chain import CONTENT as AUDIT_CONTENT
from crm_platform.bulk import BulkStatement
from crm_platform.cel import FieldMap
from crm_platform.context import Visibility
from crm_platform.custom_fields.columns import REVISION
from crm_platform.custom_fields.part import CustomPart
from crm_platform.custom_fields.tables import revision_of
from crm_platform.db import Query
from crm_platform.mechanism import AUDIT_ENTRIES, OUTBOX, OUTBOX_CONTENT
from crm_platform.reads.fields import sealed_filters, state_filters, state_sorts
from crm_platform.reads.resource import Represent, Resource, Sort, represent_state
from crm_platform.reads.visibility import visible
from crm_platform.sealing.declare import InTrail, Sealed
from crm_platform.sealing.members import SealedPart
from crm_platform.sealing.tables import SEALED, SUBJECT_KEYS
from crm_platform.sealing.words import trail_of
from crm_platform.search.declare import COLUMN as WORDS
from crm_platform.search.declare import Search, SearchPart
from crm_platform.words import Words

S = TypeVar("S", bound=AggregateState)


class Aggregate(Generic[S]):
    """Binds an aggregate's state to its table, its event snapshot and its representation.

    Built once per slice in ``models.py``; all statements are built there and then. Every plain field of
    the state can be filtered by; ``sort_by`` names further sort keys and their columns, never NULL. ``what`` is
    what people call one. ``sealed`` names the members that are personal data, which are kept encrypted;
    ``search`` those that are found by their words. ``filters`` are further fields of the filter language. ``custom``
    says that companies define fields of their own for it (see :mod:`crm_platform.custom_fields`).
    ``trail`` names words about people that audit entries keep sealed.
    """

    def __init__(
        self,
        *,
        name: str,
        plural: str,
        what: Words,
        table: Table,
        state: type[S],
        snapshot: type[Snapshot],
        sort_by: Mapping[str, ColumnElement[Any]] | None = None,
        derived: Mapping[str, Callable[[S], Any]] | None = None,
        represent: Callable[[AggregateSpec[Any]], Represent] = represent_state,
        default_sort: str = "-created_at",
        sealed: Sealed | None = None,
        search: Search | None = None,
        filters: FieldMap | None = None,
        custom: CustomPart | None = None,
        trail: InTrail | None = None,
    ) -> None:
        columns = frozenset(column.name for column in table.columns)
        sorts = state_sorts(table, sort_by or {})
        self.sealed = None if sealed is None else SealedPart(sealed, table=table, state=state)
        self.trail = trail_of(trail, state=state, sealed=self.sealed)
        self.search = None if search is None else self._searched(search, table, state, sorts)
        self.spec = AggregateSpec(
            name=name,
            state=state,
            snapshot=snapshot,
            columns=columns,
            derived={**(derived or {}), **(self.search.derived if self.search else {})},
            sealed=self.sealed.defaults if self.sealed else {},
            sealed_when=self.sealed.when if self.sealed else None,
        )
        self.table = table
        self._own_references = _own_references(table)
        self.custom = custom
        self.resource = Resource(
            name=plural,
            what=what,
            table=table,
            represent=represent(self.spec),
            filters={**state_filters(self.spec, table), **(filters or {})},
            asked=sealed_filters(self.sealed, table),
            sorts=sorts,
            default_sort=default_sort,
            sealed=self.sealed,
            search=self.search,
            custom=custom,
        )
        if custom is not None:
            custom.base = self.resource.filters
        self._compile()

    def _compile(self) -> None:
        """All statements, once."""
        self.insert = Query(self._insert())
        self.update = Query(self._update())
        self.delete = Query(self._delete())
        written = self._written_columns()
        self._row_names = {name: f"row_{name}" for name in written}
        self.insert_many = BulkStatement(self, written)
        self.restore_many = BulkStatement(self, written, restores=True)
        self.update_many = BulkStatement(self, written - {"created_at", "created_by"}, updates=True)
        self.delete_many = BulkStatement(self, {"id"}, deletes=True)
        levels: tuple[Visibility, ...] = ("own", "team", "all")
        self.load: dict[Visibility, Query] = {level: Query(self._load(level)) for level in levels}
        self.load_many: dict[Visibility, Query] = {level: Query(self._load_many(level)) for level in levels}
        self.look_many: dict[Visibility, Query] = {level: Query(self._look_many(level)) for level in levels}
        self.lock_many = Query(self._lock_many())

    def _searched(self, search: Search, table: Table, state: type[S], sorts: Mapping[str, Sort]) -> SearchPart:
        columns = {name: sort.column for name, sort in sorts.items()}
        return SearchPart(search, table=table, state=state, sorts=columns, sealed=self.sealed)

    @property
    def name(self) -> str:
        """The aggregate type, as events and audit entries name it."""
        return self.spec.name

    def row_values(self, state: S, dumped: Mapping[str, Any]) -> dict[str, Any]:
        """Parameters of the row in ``insert`` and ``update``; ``dumped`` is the state ready for JSON."""
        return {self._row_names[name]: value for name, value in self.spec.to_row(state, dumped).items()}

    def referred_by(self, state: S) -> list[UUID | None]:
        """The records of this aggregate to which ``state`` refers, such as a parent."""
        return [getattr(state, name) for name in self._own_references]

    def _row_binds(self, names: frozenset[str]) -> dict[str, Any]:
        return {name: bindparam(f"row_{name}", type_=self.table.c[name].type) for name in sorted(names)}

    def _written_columns(self) -> frozenset[str]:
        example = self.spec.columns - {"tenant_id"}
        stored = {name for name in self.spec.state.model_fields if name in example}
        money = {
            f"{name}_{part}"
            for name in self.spec.state.model_fields
            if f"{name}_amount" in example
            for part in ("amount", "currency")
        }
        sealed = {SEALED} if self.sealed else set()
        custom = {REVISION} if self.custom else set()
        return frozenset(stored | money | sealed | custom | set(self.spec.derived))

    def _insert(self) -> Select[Any]:
        values = self._row_binds(self._written_columns())
        new = insert(self.table).values(values)
        if self.custom is not None:
            new = insert(self.table).from_select(list(values), select(*values.values()).where(*self._as_defined()))
        changed = new.returning(*self.table.c).cte("changed")
        statement = self._with_records(changed)
        if self.sealed and self.sealed.keys:
            statement = statement.add_cte(self.sealed.keys.additions(changed))
        return statement.add_cte(_new_key(changed)) if self.sealed and self.sealed.own else statement

    def _update(self) -> Select[Any]:
        values = self._row_binds(self._written_columns() - {"id", "created_at", "created_by"})
        if self.sealed:
            values[SEALED] = self._sealed_after(values)
        statement = update(self.table).where(*self._at_version(), *self._as_defined()).values(values)
        changed = statement.returning(*self.table.c).cte("changed")
        written = self._with_records(changed)
        if self.sealed and self.sealed.keys:
            keys = self.sealed.keys
            written = written.add_cte(keys.additions(changed), keys.removals(changed))
        return written

    def _sealed_after(self, values: Mapping[str, Any]) -> ColumnElement[Any]:
        """The sealed column: as it was where nothing new is sealed, and empty where the record is sealed no more."""
        kept = func.coalesce(values[SEALED], self.table.c[SEALED])
        when = self.sealed.when if self.sealed else None
        return kept if when is None else case((values[when], kept))

    def _delete(self) -> Select[Any]:
        statement = self.table.delete().where(*self._at_version()).returning(*self.table.c)
        changed = statement.cte("changed")
        written = self._with_records(changed)
        return (
            written.add_cte(self.sealed.keys.removal_of_all(changed)) if self.sealed and self.sealed.keys else written
        )

    def _as_defined(self) -> tuple[ColumnElement[bool], ...]:
        """That custom fields were checked by their last definitions; so no process writes by what it knew before."""
        if self.custom is None:
            return ()
        return (revision_of(self.custom.resource) == bindparam(f"row_{REVISION}", type_=Integer),)

    def _at_version(self) -> tuple[Any, Any]:
        table = self.table
        return (
            table.c.id == bindparam("row_id", type_=Uuid),
            table.c.version == bindparam("version_before", type_=Integer),
        )

    def _with_records(self, changed: CTE) -> Select[Any]:
        statement = select(self.resource.json_of(changed)).select_from(changed)
        return statement.add_cte(
            _record(AUDIT_ENTRIES, AUDIT_CONTENT, "audit_", changed), _record(OUTBOX, OUTBOX_CONTENT, "event_", changed)
        )

    def loaded_columns(self) -> list[ColumnElement[Any]]:
        """The columns that make a state."""
        columns: list[ColumnElement[Any]] = [
            column for column in self.table.c if column.name not in {"tenant_id", *self._kept_aside()}
        ]
        return [*columns, *self.sealed.columns(self.table)] if self.sealed else columns

    def _kept_aside(self) -> list[str]:
        """Columns that hold no member in the clear."""
        sealed = [SEALED] if self.sealed else []
        return sealed + ([WORDS] if self.search else []) + ([REVISION] if self.custom else [])

    def _load(self, visibility: Visibility) -> Select[Any]:
        return _locking(self._seen(visibility, self.table.c.id == bindparam("id", type_=Uuid)))

    def _load_many(self, visibility: Visibility) -> Select[Any]:
        """In the order of the ids, so that two transactions that lock the same rows never wait for each other."""
        return _locking(self._look_many(visibility))

    def _look_many(self, visibility: Visibility) -> Select[Any]:
        return self._seen(visibility, self._among()).order_by(self.table.c.id)

    def _lock_many(self) -> Select[Any]:
        statement = select(self.table.c.id, self.table.c.version).where(self._among())
        return _locking(statement.order_by(self.table.c.id))

    def _among(self) -> ColumnElement[bool]:
        return self.table.c.id == bindparam("ids", type_=ARRAY(Uuid)).any_()

    def _seen(self, visibility: Visibility, wanted: ColumnElement[bool]) -> Select[Any]:
        statement = select(*self.loaded_columns()).where(wanted)
        condition = visible(self.table, visibility)
        return statement if condition is None else statement.where(condition)


def _locking(statement: Select[Any]) -> Select[Any]:
    # Not FOR UPDATE: that also stops whoever only refers to the row, and two such changes wait for each other.
    return statement.with_for_update(key_share=True)


def _own_references(table: Table) -> tuple[str, ...]:
    """Columns with the id of another row of ``table``."""
    pairs = (element for key in table.foreign_key_constraints for element in key.elements)
    return tuple(one.parent.name for one in pairs if one.target_fullname == f"{table.name}.id")


def _new_key(changed: CTE) -> CTE:
    """Insert the key of a new subject, if the row itself was written and the key is not stored already."""
    names = ("subject_id", "wrapped_key", "kek_id")
    binds = {name: bindparam(f"key_{name}", type_=SUBJECT_KEYS.c[name].type) for name in names}
    given = select(*binds.values()).select_from(changed).where(binds["wrapped_key"].is_not(None))
    return insert(SUBJECT_KEYS).from_select(list(names), given).cte("key_record")


def _record(table: Table, names: tuple[str, ...], prefix: str, changed: CTE) -> CTE:
    """Insert into a mechanism table, only if the row itself was written."""
    values = [bindparam(f"{prefix}{name}", type_=table.c[name].type) for name in names]
    return insert(table).from_select(names, select(*values).select_from(changed)).cte(f"{prefix}record")
