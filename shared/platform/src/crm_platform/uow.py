"""The unit of work: every change of an aggregate goes through here, with its event and its audit entry."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from crm_contracts.base import DomainEvent
from crm_platform.aggregate import AggregateState
from crm_platform.bulk import BulkStatement, portions
from crm_platform.change import Change, touched_by
from crm_platform.clock import utc_now
from crm_platform.context import Caller, Cause, caused_by
from crm_platform.custom_fields.columns import REVISION
from crm_platform.custom_fields.fieldset import FieldSet
from crm_platform.custom_fields.writing import as_defined, complete, index
from crm_platform.db import Connection, Query
from crm_platform.errors import NotFound, PreconditionRequired, VersionMismatch
from crm_platform.events.wire import Record
from crm_platform.many import Arguments, ManyChange, ManyChanges
from crm_platform.reads.field_access import refuse_uneditable, shown_to
from crm_platform.reads.reader import Rendered, fetch_one
from crm_platform.reads.resource import Resource
from crm_platform.reads.visibility import visibility_args
from crm_platform.sealing.changes import UnitKeys
from crm_platform.store import Aggregate

S = TypeVar("S", bound=AggregateState)
T = TypeVar("T")
Event = type[DomainEvent[Any]]

_OF_REMOVALS = ("row_id", "version_before", "audit_", "event_")
ANY_VERSION = object()
"""Passed as ``if_match`` by consumers and jobs, which do not act on what a person has read."""


class UnitOfWork:
    """One transaction on behalf of one caller; whoever opened it commits it.

    Attributes:
        connection: The open transaction, for a slice's own queries.
        caller: On whose behalf.
        cause: Actor, correlation, causation, origin, for events and audit; of several events those of the first.
        now: The one moment at which all changes of this unit happen.
        keys: Keys of the subjects whose personal data it reads or writes.
    """

    __slots__ = ("_wrote", "caller", "cause", "connection", "keys", "now")

    def __init__(
        self, connection: Connection, caller: Caller, cause: Cause, *, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self.connection = connection
        self.caller = caller
        self.cause = cause
        self.now = clock()
        self.keys = UnitKeys(connection, caller.tenant_id)
        self._wrote = False

    @property
    def wrote(self) -> bool:
        """Whether anything was changed, so that the relay needs waking."""
        return self._wrote

    def cause_of(self, record: Record) -> Cause:
        """The cause of what is done about ``record``, one of several events that this unit handles at once."""
        return caused_by(record, actor=self.cause.actor)

    async def load(self, aggregate: Aggregate[S], id: UUID, *, if_match: object) -> S:
        """Read a state and lock its row until the end of the transaction.

        Args:
            aggregate: What to load.
            id: Its id.
            if_match: The version that the caller has seen, from the If-Match header; None if absent.

        Raises:
            NotFound: No such record, or not visible to the caller.
            PreconditionRequired: No version was given.
            VersionMismatch: The record has moved on.
        """
        state = await self.find(aggregate, id)
        if state is None:
            raise NotFound(what=aggregate.resource.what, id=id)
        if if_match is None:
            raise PreconditionRequired
        if if_match is not ANY_VERSION and if_match != state.version:
            raise VersionMismatch(current=state.version, sent=if_match)
        return state

    async def find(self, aggregate: Aggregate[S], id: UUID) -> S | None:
        """Like :meth:`load` for internal callers; None if there is no such record."""
        query = aggregate.load[self.caller.visibility]
        values = visibility_args(aggregate.table, self.caller) | {"id": id}
        row = await self.connection.fetchrow(query.text, *query.bind(values))
        return None if row is None else self._state(aggregate, row)

    async def find_many(self, aggregate: Aggregate[S], ids: Iterable[UUID], *, lock: bool = True) -> dict[UUID, S]:
        """Like :meth:`find` for many ids; what does not exist or is not visible is absent. See :mod:`.locking`."""
        wanted = list(ids)
        if not wanted:
            return {}
        query = (aggregate.load_many if lock else aggregate.look_many)[self.caller.visibility]
        values = visibility_args(aggregate.table, self.caller) | {"ids": wanted}
        rows = await self.connection.fetch(query.text, *query.bind(values))
        return {row["id"]: self._state(aggregate, row) for row in rows}

    def _state(self, aggregate: Aggregate[S], row: Any) -> S:
        sealed = self.keys.open(aggregate.sealed, row) if aggregate.sealed else None
        return self.keys.seen(aggregate.trail, aggregate.spec.from_row(row, sealed))

    async def insert(
        self,
        aggregate: Aggregate[S],
        state: S,
        event: Event,
        *,
        reason: str | None = None,
        restored: bool = False,
    ) -> Rendered:
        """Add a new aggregate, tell about it, put it on record; returns it as JSON.

        ``restored`` says that the record was there before: ``state`` is its last one, as its deletion told it. Its
        versions go on from there, and its personal data is sealed under the key that it had.

        Raises:
            asyncpg.UniqueViolationError: A unique key is taken; the slice names it to the caller.
        """
        new = self._following(state, state, self.cause) if restored else self._new(state, self.cause)
        await self._prepare_keys(aggregate, [new], new=not restored)

        async def write(fields: FieldSet | None) -> Rendered:
            (whole,) = await complete(
                self.connection, self.caller, aggregate.custom, fields, [(new if restored else None, new)]
            )
            arguments = self._insert_arguments(aggregate, whole, event, reason=reason, cause=self.cause, fields=fields)
            return await self._write(aggregate, aggregate.insert, arguments, whole, fields)

        return await as_defined(self.connection, self.caller.tenant_id, aggregate.custom, write)

    async def insert_many(
        self,
        aggregate: Aggregate[S],
        states: Sequence[S],
        event: Event,
        *,
        reason: str | None = None,
        causes: Sequence[Cause] | None = None,
        restored: bool = False,
    ) -> list[S]:
        """Add many new aggregates in as few round trips as possible; each gets its own event and audit entry.

        ``causes`` are those of the single states, where they differ (see :meth:`cause_of`); ``restored`` as above.
        """
        caused = self._caused(states, causes)
        new = [self._following(state, state, cause) if restored else self._new(state, cause) for state, cause in caused]
        await self._prepare_keys(aggregate, new, new=not restored)
        changes = [(state if restored else None, state, cause) for state, (_, cause) in zip(new, caused, strict=True)]

        def arguments(_: S | None, state: S, cause: Cause, fields: FieldSet | None) -> dict[str, Any]:
            return self._insert_arguments(aggregate, state, event, reason=reason, cause=cause, fields=fields)

        statement = aggregate.restore_many if restored else aggregate.insert_many
        return await self._write_many(aggregate, statement, changes, arguments, all_count=True)

    async def update(
        self, aggregate: Aggregate[S], before: S, after: S, event: Event, *, reason: str | None = None
    ) -> Rendered:
        """Replace ``before``, which :meth:`load` returned, by ``after``; returns it as JSON.

        A change of nothing is not written: no version, no event.
        """
        if not aggregate.spec.difference(before, after):
            return await self.render(aggregate.resource, before.id)
        following = self._following(before, after, self.cause)
        await self._prepare_keys(aggregate, [following])

        async def write(fields: FieldSet | None) -> Rendered:
            (whole,) = await complete(self.connection, self.caller, aggregate.custom, fields, [(before, following)])
            if not aggregate.spec.difference(before, whole):
                return await self.render(aggregate.resource, before.id)
            arguments = self._update_arguments(
                aggregate, before, whole, event, reason=reason, cause=self.cause, fields=fields
            )
            return await self._write(aggregate, aggregate.update, arguments, whole, fields)

        return await as_defined(self.connection, self.caller.tenant_id, aggregate.custom, write)

    async def update_many(
        self,
        aggregate: Aggregate[S],
        changes: Sequence[tuple[S, S]],
        event: Event,
        *,
        reason: str | None = None,
        causes: Sequence[Cause] | None = None,
        recomputed: bool = False,
    ) -> list[S]:
        """Replace many states, given as pairs of before and after; pairs without a difference are left out.

        The caller holds the rows' locks, or has just inserted them in this transaction. ``causes`` are those of the
        single changes, where they differ (see :meth:`cause_of`). With ``recomputed`` the difference counts that there
        is once custom fields are completed anew.

        Raises:
            VersionMismatch: One of them is not there in the state before; whoever goes on undoes the savepoint.
        """
        following = [
            (before, self._following(before, after, cause), cause)
            for (before, after), cause in self._caused(changes, causes)
            if recomputed or aggregate.spec.difference(before, after)
        ]
        await self._prepare_keys(aggregate, [after for _, after, _ in following])

        def arguments(before: S | None, state: S, cause: Cause, fields: FieldSet | None) -> dict[str, Any]:
            return self._update_arguments(
                aggregate, before or state, state, event, reason=reason, cause=cause, fields=fields
            )

        return await self._write_many(aggregate, aggregate.update_many, following, arguments)

    async def delete(self, aggregate: Aggregate[S], before: S, event: Event, *, reason: str | None = None) -> None:
        """Remove an aggregate; its last event carries the last state, one version on."""
        last = self._following(before, before, self.cause)
        await self._prepare_keys(aggregate, [last])
        arguments = self._update_arguments(aggregate, before, last, event, reason=reason, cause=self.cause)
        needed = {name: value for name, value in arguments.items() if name.startswith(_OF_REMOVALS)}
        await self._write(aggregate, aggregate.delete, needed, last)

    async def delete_many(
        self, aggregate: Aggregate[S], states: Sequence[S], event: Event, *, reason: str | None = None
    ) -> None:
        """Like :meth:`delete`, for many aggregates without sealed members, in as few round trips as possible.

        Raises:
            VersionMismatch: One of them is not there in the state given.
        """
        if aggregate.sealed is not None:
            raise TypeError("records with sealed members are deleted one by one")
        for portion in portions(states, lambda state: state.id):
            last = [self._following(before, before, self.cause) for before in portion]
            await self.keys.prepare_trail(aggregate.trail, last)
            rows = [
                self._update_arguments(aggregate, before, after, event, reason=reason, cause=self.cause)
                for before, after in zip(portion, last, strict=True)
            ]
            await self._write_portion(aggregate.delete_many, rows)

    async def render(self, resource: Resource, id: UUID) -> Rendered:
        """Read a record as JSON inside this transaction."""
        return await fetch_one(self.connection, resource, self.caller, id)

    async def _prepare_keys(self, aggregate: Aggregate[S], states: Sequence[S], *, new: bool = False) -> None:
        if aggregate.sealed is not None:
            await self.keys.prepare(aggregate.sealed, states, new=new)
        await self.keys.prepare_trail(aggregate.trail, states)

    async def _write(
        self,
        aggregate: Aggregate[S],
        query: Query,
        arguments: dict[str, Any],
        state: S,
        fields: FieldSet | None = None,
    ) -> Rendered:
        body = await self.connection.fetchval(query.text, *query.bind(arguments))
        if body is None:
            raise VersionMismatch(current="?", sent=state.version - 1)
        self._wrote = True
        self.keys.stored([state.id])
        shown: bytes = body.encode()
        if aggregate.sealed is not None:
            shown = self.keys.shown(aggregate.sealed, state, shown)
        if fields is not None and aggregate.custom is not None:
            await index(self.connection, self.caller, aggregate, fields, [state])
            shown = fields.without_hidden(shown)
        return Rendered(state.id, shown_to(self.caller, aggregate.resource, shown), state.version)

    async def _write_many(
        self,
        aggregate: Aggregate[S],
        statement: BulkStatement,
        changes: Iterable[ManyChange[S]],
        arguments: Arguments[S],
        *,
        all_count: bool = False,
    ) -> list[S]:
        writer = ManyChanges(
            self.connection,
            self.caller,
            self.keys,
            aggregate,
            statement=statement,
            arguments=arguments,
            all_count=all_count,
        )
        written = await writer.write(changes)
        self._wrote = self._wrote or bool(written)
        return written

    async def _write_portion(self, statement: BulkStatement, rows: Sequence[dict[str, Any]]) -> None:
        if not rows:
            return
        written = await self.connection.fetchval(statement.text, *statement.bind(rows))
        self._wrote = True
        if written != len(rows):
            raise VersionMismatch(current="?", sent=rows[0].get("version_before"))
        self.keys.stored(row["row_id"] for row in rows)

    def _caused(self, changes: Sequence[T], causes: Sequence[Cause] | None) -> list[tuple[T, Cause]]:
        """Each of ``changes`` with its cause."""
        return list(zip(changes, [self.cause] * len(changes) if causes is None else causes, strict=True))

    def _new(self, state: S, cause: Cause) -> S:
        author = {"created_at": self.now, "created_by": cause.actor, "updated_at": self.now, "updated_by": cause.actor}
        return state.model_copy(update=author | {"version": 1})

    def _following(self, before: S, after: S, cause: Cause) -> S:
        author = {"created_at": before.created_at, "created_by": before.created_by}
        author |= {"updated_at": self.now, "updated_by": cause.actor}
        return after.model_copy(update=author | {"version": before.version + 1})

    def _insert_arguments(
        self,
        aggregate: Aggregate[S],
        state: S,
        event: Event,
        *,
        reason: str | None,
        cause: Cause,
        fields: FieldSet | None = None,
    ) -> dict[str, Any]:
        arguments = self._arguments(aggregate, None, state, event, reason=reason, cause=cause, fields=fields)
        if aggregate.sealed is not None and aggregate.sealed.own:
            arguments |= self.keys.to_store(state.id)
        return arguments

    def _update_arguments(
        self,
        aggregate: Aggregate[S],
        before: S,
        after: S,
        event: Event,
        *,
        reason: str | None,
        cause: Cause,
        fields: FieldSet | None = None,
    ) -> dict[str, Any]:
        arguments = self._arguments(aggregate, before, after, event, reason=reason, cause=cause, fields=fields)
        for name in ("row_created_at", "row_created_by"):
            del arguments[name]
        return arguments | {"version_before": before.version}

    def _arguments(
        self,
        aggregate: Aggregate[S],
        before: S | None,
        after: S,
        event: Event,
        *,
        reason: str | None,
        cause: Cause,
        fields: FieldSet | None = None,
    ) -> dict[str, Any]:
        """Parameters of the statement that writes one change.

        Raises:
            MemberNotEditable: It touches what the caller may not edit.
        """
        if self.caller.fields:
            refuse_uneditable(aggregate.resource, self.caller, touched_by(aggregate, before, after, fields))
        change = Change(
            aggregate=aggregate, before=before, after=after, event=event, reason=reason, cause=cause, at=self.now
        )
        arguments = change.arguments(self.keys, after if fields is None else fields.told(after))
        return arguments if fields is None else arguments | {f"row_{REVISION}": fields.revision}
