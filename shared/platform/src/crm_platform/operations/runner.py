"""Runs a service's operations in its worker: takes them up as they become due, a few at a time, and begins sweeps."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any, Final

import structlog
from prometheus_client import CollectorRegistry

from crm_platform.db import Database
from crm_platform.db.database import connect_dedicated
from crm_platform.events.bell import OutboxBell
from crm_platform.events.crashpoints import crashpoint
from crm_platform.events.supervise import keep_running, wait_any
from crm_platform.objects.store import Objects
from crm_platform.operations import queue, sweeps
from crm_platform.operations.begin import CHANNEL
from crm_platform.operations.compute import Compute
from crm_platform.operations.host import Host
from crm_platform.operations.kinds import OperationKind, Standing, Sweep
from crm_platform.operations.metrics import OperationMetrics
from crm_platform.operations.retention import remove_old
from crm_platform.operations.settings import RunnerSettings
from crm_platform.operations.turn import Turn
from crm_platform.settings import ObjectSettings

_LISTEN_CHECK: Final = 30.0
_CLEANING: Final = 3600.0

_log = structlog.get_logger(__name__)


class Runner:
    """Works on operations; any number of workers may, and each operation is at one of them."""

    def __init__(
        self,
        *,
        service: str,
        database: Database,
        dsn: str,
        kinds: Sequence[OperationKind[Any]],
        objects: Objects | None = None,
        sweeps: Sequence[Sweep] = (),
        standing: Standing | None = None,
        registry: CollectorRegistry | None = None,
        settings: RunnerSettings | None = None,
    ) -> None:
        """``dsn`` is for the one connection that listens for wake-ups, and for the bell of the relay.

        ``objects`` is where files are; without it, where settings without a word about it have them.
        """
        self._dsn = dsn
        self._kinds = {kind.name: kind for kind in kinds} | {sweep.kind.name: sweep.kind for sweep in sweeps}
        self._sweeps = sweeps
        self._settings = settings or RunnerSettings()
        self._host = Host(
            service=service,
            database=database,
            bell=OutboxBell(dsn),
            compute=Compute(self._settings.processes),
            metrics=OperationMetrics(registry or CollectorRegistry()),
            settings=self._settings,
            objects=objects or Objects(ObjectSettings()),
            standing=standing,
        )
        self._woken = asyncio.Event()
        self._turns: set[asyncio.Task[None]] = set()
        self._observed = self._swept = self._cleaned = float("-inf")

    async def run(self, stop: asyncio.Event) -> None:
        """Work until ``stop`` is set; then steps that are under way get a moment to come to their end."""
        listening = asyncio.create_task(keep_running(self._listen, stop, name="operations-listen"), name="listen")
        try:
            while not stop.is_set():
                try:
                    await self._round(stop)
                except Exception as error:  # noqa: BLE001  the queue is in a database that may be away
                    _log.warning("operations_round_failed", error=f"{type(error).__name__}: {error}"[:300])
                    await wait_any(self._settings.poll, stop)
        finally:
            listening.cancel()
            await asyncio.wait({listening})
            await self._wind_up()
            await self._host.bell.close()

    async def _round(self, stop: asyncio.Event) -> None:
        """Take up what there is and room for, then wait for more."""
        self._woken.clear()
        await self._regular_work(stop)
        while len(self._turns) < self._settings.parallel and await self._take_up(stop):
            pass
        if not stop.is_set():
            await wait_any(await self._pause(), self._woken, stop)

    async def _take_up(self, stop: asyncio.Event) -> bool:
        """Begin a turn at the next operation; whether there was one."""
        async with self._host.database.system() as connection:
            mine = await queue.claim(
                connection, list(self._kinds), per_tenant=self._settings.per_tenant, lease=self._host.lease
            )
        if mine is None:
            return False
        crashpoint("operation.after_claim")
        turn = Turn(self._host, self._kinds[mine.kind], mine)
        task = asyncio.create_task(turn.run(stop), name=f"operation-{mine.id}")
        self._turns.add(task)
        task.add_done_callback(self._turn_over)
        return True

    def _turn_over(self, task: asyncio.Task[None]) -> None:
        self._turns.discard(task)
        self._woken.set()

    async def _pause(self) -> float:
        """How long to wait for a wake-up: until something is due, or the next look at the queue."""
        if len(self._turns) >= self._settings.parallel:
            return self._settings.poll
        async with self._host.database.system() as connection:
            seconds = await queue.next_due(connection)
        if seconds is None or seconds <= 0:  # what is due now is others', or of a company that has its share
            return self._settings.poll
        return min(seconds, self._settings.poll)

    async def _regular_work(self, stop: asyncio.Event) -> None:
        now, settings = time.monotonic(), self._settings
        database = self._host.database
        if self._sweeps and now - self._swept > settings.poll:
            self._swept = now
            await sweeps.begin_due(database, self._host.service, self._sweeps)
        if now - self._observed > settings.observe:
            self._observed = now
            async with database.system() as connection:
                self._host.metrics.observe(await queue.figures(connection))
        if now - self._cleaned > _CLEANING:
            self._cleaned = now
            await remove_old(database, settings.kept, stop)

    async def _listen(self) -> None:
        """Be woken by whoever begins an operation."""
        connection = await connect_dedicated(self._dsn, name="crm-operations")
        try:
            await connection.add_listener(await connection.fetchval(CHANNEL), lambda *_: self._woken.set())
            self._woken.set()
            while not connection.is_closed():
                await connection.fetchval("SELECT 1", timeout=_LISTEN_CHECK)
                await asyncio.sleep(_LISTEN_CHECK)
        finally:
            connection.terminate()

    async def _wind_up(self) -> None:
        """Let steps come to their end, and cancel those that take too long: they are given back."""
        if not self._turns:
            return
        _, late = await asyncio.wait(set(self._turns), timeout=self._settings.grace)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)
