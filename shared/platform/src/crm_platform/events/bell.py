"""Wakes the relay right after a commit, without costing the commit anything.

A NOTIFY inside the writing transaction takes a lock that is global to the database cluster and was measured at
19-40 % of the write rate. So the writer rings a bell after its commit, and the bell sends one NOTIFY for all the
rings of the last few milliseconds on a connection of its own. A lost NOTIFY costs latency only: the relay polls.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

import asyncpg
import structlog

from crm_platform.db.database import CONNECTION_ERRORS, connect_dedicated

_log = structlog.get_logger(__name__)

NOTIFY_OUTBOX: Final = "SELECT pg_notify('outbox_' || current_schema(), '')"
"""One channel per schema: the services share a database, and a channel is visible in all of it."""

BELL: Final = "outbox-bell"
"""Application name of its session."""

_FAILURES: Final = (*CONNECTION_ERRORS, TimeoutError, asyncpg.PostgresError)


class OutboxBell:
    """Coalesces rings into at most one NOTIFY per interval. `ring` never blocks and never raises."""

    def __init__(self, dsn: str, *, interval: float = 0.005, timeout: float = 2.0) -> None:
        """`interval` and `timeout` are seconds; the connection is opened by the first ring."""
        self._dsn = dsn
        self._interval = interval
        self._timeout = timeout
        self._rung = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._connection: asyncpg.Connection | None = None

    def ring(self) -> None:
        """Tell the relay that there is something to publish. Call it after the commit, on the event loop."""
        self._rung.set()
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run(), name=BELL)

    async def close(self) -> None:
        """Stop ringing. Rings not yet sent are dropped, the relay's poll finds their rows."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        self._drop()

    async def _run(self) -> None:
        pause = self._interval
        while True:
            await self._rung.wait()
            self._rung.clear()
            try:
                await self._notify()
                pause = self._interval
            except _FAILURES as error:
                # The ring is not repeated: by the time the database is back, the relay's poll has been quicker.
                pause = min(max(pause * 2, 0.1), 2.0)
                self._drop()
                _log.warning("outbox_bell_failed", error=repr(error))
            await asyncio.sleep(pause)

    async def _notify(self) -> None:
        async with asyncio.timeout(self._timeout):
            if self._connection is None or self._connection.is_closed():
                self._connection = await connect_dedicated(self._dsn, name=BELL)
            await self._connection.execute(NOTIFY_OUTBOX)

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None
