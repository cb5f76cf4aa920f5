"""Removing what is old enough: published events, inbox entries, settled dead letters, finished requests."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import structlog

from crm_platform.db.database import connect_dedicated
from crm_platform.events.supervise import keep_running, wait_any

_log = structlog.get_logger(__name__)

_ALONE: Final = "SELECT pg_try_advisory_lock(hashtextextended('crm.retention.' || current_schema(), 0))"

# Walks the outbox from its old end in windows of ids: rows that must stay (unpublished, or replayed lately) do not
# stop it, and it never looks at more than the part that is old enough.
_OUTBOX: Final = """
WITH portion AS (
  SELECT id, published_at, occurred_at FROM outbox WHERE id > $1 ORDER BY id LIMIT $3
), removed AS (
  DELETE FROM outbox USING portion
  WHERE outbox.id = portion.id AND portion.published_at < now() - $2::interval AND outbox.published_at IS NOT NULL
  RETURNING 1
) SELECT (SELECT count(*) FROM removed), max(id), coalesce(bool_or(occurred_at >= now() - $2::interval), true)
FROM portion
"""

_OTHERS: Final = {
    "inbox": "DELETE FROM inbox WHERE event_id IN"
    " (SELECT event_id FROM inbox WHERE seen_at < now() - $1::interval ORDER BY seen_at LIMIT $2)",
    "dead_letter": "DELETE FROM dead_letter WHERE id IN (SELECT id FROM dead_letter WHERE status <> 'pending'"
    " AND created_at < now() - $1::interval ORDER BY created_at LIMIT $2)",
    "replay_request": "DELETE FROM replay_request WHERE id IN (SELECT id FROM replay_request"
    " WHERE finished_at < now() - $1::interval ORDER BY id LIMIT $2)",
}


@dataclass(frozen=True, kw_only=True)
class RetentionSettings:
    """How long things stay. The inbox must outlast what inbound topics keep, the outbox what a replay needs."""

    outbox: timedelta = timedelta(days=30)
    inbox: timedelta = timedelta(days=90)
    settled: timedelta = timedelta(days=90)
    """Settled dead letters and finished replay requests."""
    portion: int = 2000
    interval: float = 3600.0
    """Seconds between two rounds."""


class Retention:
    """Removes old rows from time to time for as long as `run` runs; one process per service does it."""

    def __init__(self, *, dsn: str, settings: RetentionSettings | None = None) -> None:
        """Nothing happens before `run`."""
        self._dsn = dsn
        self._settings = settings or RetentionSettings()

    async def run(self, stop: asyncio.Event) -> None:
        """Remove, wait, and again, until `stop`."""
        await keep_running(lambda: self._session(stop), stop, name="retention")

    async def _session(self, stop: asyncio.Event) -> None:
        connection = await connect_dedicated(self._dsn, name="crm-retention", **{"crm.system": "on"})
        try:
            if await connection.fetchval(_ALONE):
                await self.remove_old(connection, stop)
        finally:
            connection.terminate()
        await wait_any(self._settings.interval, stop)

    async def remove_old(self, connection: Any, stop: asyncio.Event) -> dict[str, int]:
        """Remove everything that is old enough, in portions; the number of rows by table."""
        removed = {"outbox": await self._outbox(connection, stop)}
        ages = {
            "inbox": self._settings.inbox,
            "dead_letter": self._settings.settled,
            "replay_request": self._settings.settled,
        }
        for table, statement in _OTHERS.items():
            removed[table] = await self._table(connection, statement, ages[table], stop)
        if any(removed.values()):
            _log.info("old_rows_removed", **removed)
        return removed

    async def _outbox(self, connection: Any, stop: asyncio.Event) -> int:
        total, last, reached = 0, 0, False
        while not reached and not stop.is_set():
            count, highest, reached = await connection.fetchrow(
                _OUTBOX, last, self._settings.outbox, self._settings.portion, timeout=60
            )
            total += count
            last = highest or last
        return total

    async def _table(self, connection: Any, statement: str, age: timedelta, stop: asyncio.Event) -> int:
        total = 0
        while not stop.is_set():
            result = await connection.execute(statement, age, self._settings.portion, timeout=60)
            count = int(result.split()[-1])
            total += count
            if count < self._settings.portion:
                break
        return total
