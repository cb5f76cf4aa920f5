"""Which instance reads which partitions: leases in the service's own database, without a Kafka consumer group.

A lease is a session advisory lock, so a process that dies lets go at once, and one that freezes is thrown out by the
session's idle timeout. The instances sign in in a table; each takes its fair share of the partitions. A lease only
decides who reads: what makes the effects right is the compare-and-set of the positions.
"""

from __future__ import annotations

import asyncio
import math
import time
import uuid
from collections.abc import Sequence
from typing import Any, Final

import asyncpg
import structlog

from crm_platform.db.database import CONNECTION_ERRORS, connect_dedicated
from crm_platform.events.failures import FencedError
from crm_platform.events.kafka import Slot, bounded

_log = structlog.get_logger(__name__)

_BEAT: Final = """
INSERT INTO consumer_instance (id, seen) VALUES ($1, clock_timestamp())
ON CONFLICT (id) DO UPDATE SET seen = excluded.seen
"""
_SIGN_IN: Final = "SELECT pg_advisory_lock(hashtextextended('crm.instance.' || current_schema() || '/' || $1, 0))"

# Live is who holds its lock: a killed process lets go at once, a frozen one when the server ends its session.
_LIVE: Final = """
SELECT count(*) FROM consumer_instance JOIN pg_locks ON locktype = 'advisory' AND objsubid = 1
  AND (classid::bigint << 32 | objid::bigint)
    = hashtextextended('crm.instance.' || current_schema() || '/' || consumer_instance.id, 0)
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_FORGET: Final = "DELETE FROM consumer_instance WHERE id = $1 OR seen < clock_timestamp() - interval '1 hour'"
"""Also forgets instances that never signed out."""

_KEY: Final = "hashtextextended('crm.consumer.' || current_schema() || '/' || topic || '/' || partition, 0)"
_LOCK: Final = f"""
SELECT topic, partition FROM unnest($1::text[], $2::int[]) AS wanted (topic, partition)
WHERE pg_try_advisory_lock({_KEY})
"""
_UNLOCK: Final = f"SELECT pg_advisory_unlock({_KEY}) FROM unnest($1::text[], $2::int[]) AS held (topic, partition)"


def share(partitions: int, instances: int) -> int:
    """How many partitions one of `instances` should hold at most."""
    return math.ceil(partitions / max(instances, 1))


class LeaseKeeper:
    """Holds leases for one instance: heartbeats in the background, takes what is free, gives back what is too much."""

    def __init__(
        self, *, dsn: str, slots: Sequence[Slot], instance: str, lease: float = 6.0, heartbeat: float = 1.5
    ) -> None:
        """`lease` and `heartbeat` are seconds; a silent instance loses its leases after `lease`."""
        self._dsn = dsn
        self._slots = list(slots)
        # Signed in anew by each keeper: the session of the one before may not have ended yet.
        self._instance = f"{instance}/{uuid.uuid4().hex[:8]}"
        self._lease = lease
        self._heartbeat = heartbeat
        self._connection: Any = None
        self._busy = asyncio.Lock()
        self._beat_at = 0.0
        self._share = 0
        self._task: asyncio.Task[None] | None = None
        self.held: set[Slot] = set()
        self.changed = asyncio.Event()
        """Set when leases were taken, or when some are to be given back."""

    async def open(self) -> None:
        """Connect, take the first leases and start the heartbeat."""
        lease = str(int(self._lease * 1000))
        self._connection = await connect_dedicated(
            self._dsn, name="crm-lease", idle_session_timeout=lease, tcp_user_timeout=lease
        )
        await bounded(self._connection.execute(_SIGN_IN, self._instance), self._lease)
        await bounded(self._connection.execute(_FORGET, self._instance), self._lease)
        await self._tick()
        self._task = asyncio.get_running_loop().create_task(self._keep(), name="lease-keeper")

    async def close(self, *, leave: bool) -> None:
        """Let go of everything; with `leave`, tell the others that this instance is gone."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
            if not self._task.cancelled():
                self._task.exception()
        if self._connection is not None:
            try:
                if leave and not self._connection.is_closed():
                    await bounded(self._connection.execute(_FORGET, self._instance), 1.0)
            except (*CONNECTION_ERRORS, asyncpg.PostgresError) as error:
                _log.debug("lease_leave_failed", error=repr(error))
            self._connection.terminate()
        self.held.clear()

    def assert_alive(self) -> None:
        """Make sure that the leases can still be ours.

        Raises:
            FencedError: The heartbeat failed, or this process was away for longer than the lease.
        """
        if self._task is None or self._task.done():
            error = None if self._task is None or self._task.cancelled() else self._task.exception()
            message = f"the lease session ended: {error!r}"
            raise FencedError(message)
        if time.monotonic() - self._beat_at > self._lease:
            message = "this process was away for longer than its lease"
            raise FencedError(message)

    async def give_back(self) -> None:
        """Give back what exceeds the fair share. Call it when no batch is under way."""
        excess = sorted(self.held)[self._share :]
        if excess:
            async with self._busy:
                await bounded(self._connection.execute(_UNLOCK, *zip(*excess, strict=True)), self._lease)
            self.held.difference_update(excess)
            _log.info("leases_given_back", instance=self._instance, partitions=len(excess), held=len(self.held))

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(self._heartbeat)
            await self._tick()

    async def _tick(self) -> None:
        async with self._busy, asyncio.timeout(self._lease):
            await self._connection.execute(_BEAT, self._instance)
            live = await self._connection.fetchval(_LIVE)
            self._beat_at = time.monotonic()
            self._share = share(len(self._slots), live)
            taken = await self._take()
        if taken or len(self.held) > self._share:
            self.changed.set()
        if taken:
            _log.info("leases_taken", instance=self._instance, partitions=taken, held=len(self.held), live=live)

    async def _take(self) -> int:
        """Take free partitions up to the fair share; how many were taken."""
        before = len(self.held)
        free = [slot for slot in self._slots if slot not in self.held]
        # Only as many as are wanted are tried at a time: whatever is tried and free is locked.
        while free and (wanted := self._share - len(self.held)) > 0:
            tried, free = free[:wanted], free[wanted:]
            rows = await self._connection.fetch(_LOCK, *zip(*tried, strict=True))
            self.held.update(Slot(row[0], row[1]) for row in rows)
        return len(self.held) - before
