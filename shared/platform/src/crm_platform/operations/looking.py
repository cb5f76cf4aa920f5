"""Looking things up in another process: what is read and computed there is off the event loop of the worker."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar, TypeVarTuple
from uuid import UUID

from crm_platform.db import Connection, Database
from crm_platform.db.database import CONNECTION_ERRORS
from crm_platform.loops import loop_factory

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_KEPT_OPEN: Final = 4


def look(
    database: Database, tenant_id: UUID, function: Callable[[Connection, *Ts], Awaitable[T]], arguments: tuple[*Ts]
) -> T:
    """What an async ``function`` returns, given a connection that sees one tenant, and these arguments.

    Runs in a process for computing; what it reads is of its moment, and may be old when it is told.
    """
    return _READER.run(database, tenant_id, lambda connection: function(connection, *arguments))


class _Reader:
    """The databases that a process for computing has read, each with a connection that is kept for the next time."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._open: OrderedDict[tuple[object, ...], Database] = OrderedDict()

    def run(self, database: Database, tenant_id: UUID, reading: Callable[[Connection], Awaitable[T]]) -> T:
        if self._loop is None:
            self._loop = (loop_factory() or asyncio.new_event_loop)()
        # Not by asyncio.Runner: it sets a handler for Ctrl+C, by which all that is returned is spelled out, twice.
        return self._loop.run_until_complete(self._read(database, tenant_id, reading))

    async def _read(self, database: Database, tenant_id: UUID, reading: Callable[[Connection], Awaitable[T]]) -> T:
        key = (database.settings, database.vault and database.vault.keys.active)
        kept = self._open.get(key)
        if kept is not None:
            try:
                return await _reading(kept, tenant_id, reading)
            except CONNECTION_ERRORS:  # the server has ended the session meanwhile, which nobody here has heard
                kept.pool.terminate()
                del self._open[key]
        await database.open()
        self._open[key] = database
        while len(self._open) > _KEPT_OPEN:
            _, other = self._open.popitem(last=False)
            await other.close()
        return await _reading(database, tenant_id, reading)


async def _reading(database: Database, tenant_id: UUID, reading: Callable[[Connection], Awaitable[T]]) -> T:
    async with database.read(tenant_id) as connection:
        return await reading(connection)


_READER: Final = _Reader()
