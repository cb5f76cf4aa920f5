"""Looking things up in another process: what is read and computed there is off the event loop of the worker."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar, TypeVarTuple
from uuid import UUID

from crm_platform.db import Connection, Database
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
        self._runner: asyncio.Runner | None = None
        self._open: OrderedDict[tuple[object, ...], Database] = OrderedDict()

    def run(self, database: Database, tenant_id: UUID, reading: Callable[[Connection], Awaitable[T]]) -> T:
        if self._runner is None:
            self._runner = asyncio.Runner(loop_factory=loop_factory())
        return self._runner.run(self._read(database, tenant_id, reading))

    async def _read(self, database: Database, tenant_id: UUID, reading: Callable[[Connection], Awaitable[T]]) -> T:
        opened = await self._opened(database)
        async with opened.read(tenant_id) as connection:
            return await reading(connection)

    async def _opened(self, database: Database) -> Database:
        key = (database.settings, database.vault and database.vault.keys.active)
        opened = self._open.get(key)
        if opened is None:
            await database.open()
            opened = self._open[key] = database
        self._open.move_to_end(key)
        # Nobody has listened since the last time: that the server has ended a connection is heard now.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        while len(self._open) > _KEPT_OPEN:
            _, other = self._open.popitem(last=False)
            await other.close()
        return opened


_READER: Final = _Reader()
