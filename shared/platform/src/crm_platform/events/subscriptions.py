"""Which events a service takes in, and running its handlers inside the batch's transaction."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import asyncpg

from crm_platform.events.wire import Record

Handler = Callable[[Any, Record], Awaitable[None]]
"""Handles one event; the first argument is what the scope yields."""

BatchHandler = Callable[[Any, Sequence[Record]], Awaitable[None]]
"""Handles the events of one tenant in one batch, in order."""

Scope = Callable[[asyncpg.Connection, Record], AbstractAsyncContextManager[Any]]
"""Makes what handlers work with, inside the transaction and with the tenant already set."""

Around = Callable[[Sequence[Record]], AbstractContextManager[Any]]
"""Wraps each call of a handler, for spans: gets the events of the call (see `Record.traceparent`)."""

KNOWN_TYPES: Final = 10_000

EVERY_TYPE: Final = "*"
"""Key of a handler for all event types that have no handler of their own in the subscription."""


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """Event types of some topics, and what handles them.

    With `batch`, a handler gets all events of a batch at once (those of one tenant), in order, over all the types
    for which it is registered; it must do without knowing which of them failed.

    With `repeats`, snapshots of the state that took effect last are handled again: the handlers keep copies, and may
    have begun later than the gate.
    """

    topics: Sequence[str]
    handlers: Mapping[str, Handler | BatchHandler] = field(default_factory=dict)
    batch: bool = False
    repeats: bool = False


@asynccontextmanager
async def bare_scope(connection: asyncpg.Connection, _: Record) -> AsyncIterator[asyncpg.Connection]:
    """Give handlers the connection itself."""
    yield connection


def no_span(_: Sequence[Record]) -> AbstractContextManager[Any]:
    """Wrap calls of handlers in nothing."""
    return nullcontext()


@dataclass(frozen=True)
class HandlerError(Exception):
    """A handler failed; says at which event (for a batch handler: the first one)."""

    record: Record
    error: Exception


class Registry:
    """All subscriptions of a service, ready to look up."""

    def __init__(
        self,
        subscriptions: Iterable[Subscription],
        *,
        scope: Scope = bare_scope,
        around: Around = no_span,
        handler_timeout: float = 5.0,
    ) -> None:
        """`handler_timeout` bounds one call of a handler, in seconds."""
        self._scope = scope
        self._around = around
        self._timeout = handler_timeout
        self._found: dict[tuple[str, str], tuple[list[Any], list[Any]]] = {}
        self._single: dict[str, list[Subscription]] = {}
        self._batch: dict[str, list[Subscription]] = {}
        for subscription in subscriptions:
            table = self._batch if subscription.batch else self._single
            for topic in subscription.topics:
                table.setdefault(topic, []).append(subscription)

    @property
    def topics(self) -> list[str]:
        """Every topic that is read, sorted."""
        return sorted(self._single.keys() | self._batch.keys())

    def knows(self, record: Record) -> bool:
        """Whether anything here handles the event."""
        single, batch = self._handlers(record)
        return bool(single or batch)

    def repeats(self, record: Record) -> bool:
        """Whether all that handle a snapshot take the state again that took effect."""
        if not record.snapshot:
            return False
        subscriptions = (*self._single.get(record.topic, ()), *self._batch.get(record.topic, ()))
        concerned = [one for one in subscriptions if record.type in one.handlers or EVERY_TYPE in one.handlers]
        return bool(concerned) and all(one.repeats for one in concerned)

    def _handlers(self, record: Record) -> tuple[list[Any], list[Any]]:
        """Handlers of an event: those for one event, and those for batches."""
        key = (record.topic, record.type)
        found = self._found.get(key)
        if found is None:
            found = _lookup(self._single, record), _lookup(self._batch, record)
            # Types come from the wire: somebody who invents them must not fill the memory.
            if len(self._found) < KNOWN_TYPES:
                self._found[key] = found
        return found

    async def run(self, connection: asyncpg.Connection, records: Sequence[Record]) -> None:
        """Call the handlers of `records`, tenant by tenant, each tenant's events in order.

        Raises:
            HandlerError: One failed; the transaction is spoilt.
        """
        by_tenant: dict[UUID, list[Record]] = {}
        for record in records:
            by_tenant.setdefault(record.tenant_id, []).append(record)
        for tenant_id, group in by_tenant.items():
            await connection.execute("SELECT set_config('crm.tenant_id', $1, true)", str(tenant_id))
            for record in group:
                for handler in self._handlers(record)[0]:
                    await self._call(connection, handler, [record], record)
            for handler, events in self._batches(group).items():
                await self._call(connection, handler, events, events)

    def _batches(self, records: Sequence[Record]) -> dict[Any, list[Record]]:
        batches: dict[Any, list[Record]] = {}
        for record in records if self._batch else ():
            for handler in self._handlers(record)[1]:
                batches.setdefault(handler, []).append(record)
        return batches

    async def _call(self, connection: asyncpg.Connection, handler: Any, events: list[Record], argument: Any) -> None:
        try:
            with self._around(events):
                async with asyncio.timeout(self._timeout), self._scope(connection, events[0]) as work:
                    await handler(work, argument)
        except Exception as error:
            raise HandlerError(events[0], error) from error


def _lookup(table: Mapping[str, list[Subscription]], record: Record) -> list[Any]:
    subscriptions = table.get(record.topic, ())
    found = [one.handlers.get(record.type) or one.handlers.get(EVERY_TYPE) for one in subscriptions]
    return [handler for handler in found if handler is not None]
