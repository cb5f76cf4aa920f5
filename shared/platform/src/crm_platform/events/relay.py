"""The relay: publishes a service's outbox, in order, through one leader at a time.

The leader holds a session advisory lock, and marks rows as published on the very session that holds it. A leader
that was frozen has lost that session by PostgreSQL's idle timeouts: whatever it still has in flight may appear on
the wire once more, but it cannot mark anything, and its producer dies with the failed attempt. Copies on the wire
are harmless, because consumers count versions.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, TypeVar

import asyncpg
import structlog

from crm_platform.db.database import connect_dedicated
from crm_platform.events import outbox
from crm_platform.events.crashpoints import crashpoint
from crm_platform.events.kafka import KafkaOptions, Slot, ensure_topics, new_producer, stop_quietly
from crm_platform.events.log_reader import LogReader
from crm_platform.events.metrics import EventMetrics
from crm_platform.events.publish import Published, Publisher, load_metadata
from crm_platform.events.settings import RelaySettings
from crm_platform.events.supervise import keep_running, meanwhile, wait_any
from crm_platform.events.verify import Findings, Position, heal, inspect, load_epochs, load_positions, shrunk
from crm_platform.events.wire import LogEpoch

_log = structlog.get_logger(__name__)
_T = TypeVar("_T")

TRY_LEAD: Final = "SELECT pg_try_advisory_lock(hashtextextended('crm.relay.' || current_schema(), 0))"
DATABASE_SECONDS: Final = 10.0


class LogLossError(Exception):
    """The broker's log is not what was acknowledged; the next session looks closer and heals."""


class LeaseLostError(Exception):
    """The process was away too long to still believe that it leads."""


@dataclass(frozen=True, kw_only=True)
class RelayStatus:
    """What the relay is doing, for health checks."""

    state: Literal["starting", "standby", "leader", "failed", "stopped"] = "starting"
    lag_rows: int = 0
    lag_seconds: float = 0.0
    stuck_rows: int = 0
    progress_at: float = 0.0
    """`time.monotonic()` when the outbox was last found empty or rows were published."""
    error: str | None = None


class Relay:
    """Publishes the events of one service's outbox for as long as `run` runs."""

    def __init__(
        self,
        *,
        dsn: str,
        kafka: KafkaOptions,
        service: str,
        topics: Sequence[str],
        settings: RelaySettings | None = None,
        metrics: EventMetrics | None = None,
    ) -> None:
        """`topics` are those the service publishes to; rows for others stay in the outbox and are reported."""
        self._dsn = dsn
        self._kafka = kafka
        self._service = service
        self._topics = list(topics)
        self._slots = [Slot(topic, number) for topic in topics for number in range(kafka.partitions)]
        self._settings = settings or RelaySettings()
        self._metrics = metrics or EventMetrics()
        self._woken = asyncio.Event()
        self._status = RelayStatus()
        self._foreign: set[Slot] = set()
        self.when_leading: list[outbox.LeaderTask] = []
        """Further work for whoever leads, run between batches (requested replays)."""

    def status(self) -> RelayStatus:
        """What the relay is doing now."""
        return self._status

    def wake(self, *_: object) -> None:
        """Look at the outbox now."""
        self._woken.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Lead or stand by until `stop`; never fails, but rebuilds everything after an error."""
        await keep_running(
            lambda: self._session(stop), stop, name="relay", on_failure=self._failed, limit=self._settings.backoff
        )
        self._become("stopped")

    def _failed(self, error: BaseException) -> None:
        self._metrics.relay_failures.inc()
        self._become("failed", error=f"{type(error).__name__}: {error}"[:300])

    def _become(self, state: Any, error: str | None = None) -> None:
        self._status = replace(self._status, state=state, error=error)
        self._metrics.relay_leader.set(1 if state == "leader" else 0)

    async def _session(self, stop: asyncio.Event) -> None:
        lease = str(int(self._settings.lease * 1000))
        connection = await connect_dedicated(
            self._dsn,
            name="crm-relay",
            **{
                "crm.system": "on",
                "idle_session_timeout": lease,
                "idle_in_transaction_session_timeout": lease,
                # Frees the lock of a process that froze while the server was sending it rows.
                "tcp_user_timeout": lease,
                "lock_timeout": lease,
            },
        )
        try:
            if await self._lead(connection, stop):
                await self._serve(connection, stop)
        finally:
            connection.terminate()

    async def _lead(self, connection: asyncpg.Connection, stop: asyncio.Event) -> bool:
        """Wait for the lead; False when asked to stop before."""
        while not stop.is_set():
            if not self._settings.fence or await connection.fetchval(TRY_LEAD, timeout=DATABASE_SECONDS):
                self._become("leader")
                _log.info("relay_leads", service=self._service)
                return True
            self._become("standby")
            await wait_any(self._settings.standby_poll, stop)
        return False

    async def _serve(self, connection: asyncpg.Connection, stop: asyncio.Event) -> None:
        await self._leading(connection, ensure_topics(self._kafka, self._topics))
        reader = await self._leading(connection, LogReader.open(self._kafka))
        try:
            await self._heal(connection, reader)
            leader = _Leader(
                connection=connection,
                reader=reader,
                settings=self._settings,
                metrics=self._metrics,
                positions=await load_positions(connection),
                epochs=await load_epochs(connection),
                topics=self._topics,
            )
            await connection.add_listener(await connection.fetchval(outbox.CHANNEL), self.wake)
            producer = await self._leading(connection, new_producer(self._kafka, "crm-relay"))
            try:
                await load_metadata(producer, self._kafka, self._topics)
                leader.publisher = Publisher(producer, self._kafka, source=f"/crm/{self._service}")
                await self._work(leader, stop)
            finally:
                await stop_quietly(producer)
        finally:
            await reader.close()

    async def _leading(self, connection: asyncpg.Connection, work: Awaitable[_T]) -> _T:
        """Wait for a broker that takes its time, while the database sees that this leader is alive."""

        async def beat() -> None:
            await connection.fetchval("SELECT 1", timeout=DATABASE_SECONDS)

        return await meanwhile(work, beat, every=self._settings.lease / 3)

    async def _heal(self, connection: asyncpg.Connection, reader: LogReader) -> None:
        if not self._settings.heal:
            return
        findings = await inspect(connection, reader, self._slots)
        fresh = {slot: offset for slot, offset in findings.foreign.items() if slot not in self._foreign}
        self._foreign.update(fresh)
        for slot in fresh:
            self._metrics.foreign_logs.labels(slot.topic).inc()
        for slot, rows in (await heal(connection, replace(findings, foreign=fresh))).items():
            self._metrics.heals.labels(slot.topic).inc()
            self._metrics.healed_rows.labels(slot.topic).inc(rows)

    async def _work(self, leader: _Leader, stop: asyncio.Event) -> None:
        while not stop.is_set():
            self._woken.clear()
            more = await leader.publish_batch()
            # Replays wait for the backlog, so that new events never wait behind more than one portion of them.
            busy = not more and await self._other_work(leader)
            if await leader.check_when_due(self._slots):
                self._observe(await outbox.lag(leader.connection, self._topics))
            self._status = replace(self._status, progress_at=time.monotonic())
            if not more and not busy:
                await wait_any(self._settings.poll, self._woken, stop)

    async def _other_work(self, leader: _Leader) -> bool:
        """Let others use the lead from time to time; whether they want to go on at once."""
        if time.monotonic() < leader.tasks_due:
            return False
        busy = [await task(leader.connection) for task in self.when_leading]
        leader.tasks_due = time.monotonic() + (0 if any(busy) else self._settings.tasks_poll)
        return any(busy)

    def _observe(self, lag: outbox.Lag) -> None:
        self._status = replace(self._status, lag_rows=lag.rows, lag_seconds=lag.seconds, stuck_rows=lag.stuck_rows)
        self._metrics.relay_lag_rows.set(lag.rows)
        self._metrics.relay_lag_seconds.set(lag.seconds)
        self._metrics.relay_stuck_rows.set(lag.stuck_rows)
        if lag.stuck_rows:
            _log.error("outbox_rows_stuck", rows=lag.stuck_rows, why="unknown topic or payload too large")


@dataclass
class _Leader:
    """What the leading process holds; thrown away as a whole after any error."""

    connection: asyncpg.Connection
    reader: LogReader
    settings: RelaySettings
    metrics: EventMetrics
    positions: dict[Slot, Position]
    epochs: dict[Slot, LogEpoch]
    topics: list[str]
    publisher: Publisher | None = None
    tasks_due: float = 0.0
    checked_at: float = 0.0
    inspected_at: float = 0.0

    def __post_init__(self) -> None:
        self.inspected_at = time.monotonic()
        for slot, epoch in self.epochs.items():
            self.metrics.epoch.labels(slot.topic, str(slot.partition)).set(epoch.number)

    async def publish_batch(self) -> bool:
        """Publish the next rows of the outbox; whether there may be more."""
        fetched_at = time.monotonic()
        rows, more = await outbox.fetch_pending(self.connection, self.topics, self.settings.batch_rows)
        if not rows or self.publisher is None:
            return False
        crashpoint("relay.after_fetch_before_send")
        if time.monotonic() - fetched_at > self.settings.lease / 2:
            message = "the rows are too old to be sent"
            raise LeaseLostError(message)
        published = await self.publisher.send(rows, self.epochs)
        crashpoint("relay.after_ack_before_mark")
        if self.settings.heal:
            self._refuse_regress(published)
        if await outbox.mark_published(self.connection, published) != len(rows):
            message = "somebody else has marked rows of this batch"
            raise LeaseLostError(message)
        crashpoint("relay.after_mark")
        self._advance(published)
        return more

    def _refuse_regress(self, published: Sequence[Published]) -> None:
        """An acknowledged offset that had been given before means that the log was cut off."""
        for item in published:
            position = self.positions.get(item.slot)
            if position is not None and item.offset < position.next_offset:
                message = f"{item.slot} acknowledged {item.offset}, was at {position.next_offset}"
                raise LogLossError(message)

    def _advance(self, published: Sequence[Published]) -> None:
        for item in published:
            self.positions[item.slot] = Position(item.offset + 1, item.row.event_id)
        for topic, count in Counter(item.slot.topic for item in published).items():
            self.metrics.published.labels(topic).inc(count)

    async def check_when_due(self, slots: Sequence[Slot]) -> bool:
        """Compare the broker's logs with what was acknowledged, from time to time; whether it was time.

        Raises:
            LogLossError: They differ.
        """
        now = time.monotonic()
        if now - self.checked_at < self.settings.check:
            return False
        self.checked_at = now
        if self.settings.heal:
            if shrunk(self.positions, await self.reader.ends(slots)):
                message = "a log is shorter than what it acknowledged"
                raise LogLossError(message)
            if now - self.inspected_at > self.settings.inspect:
                self.inspected_at = now
                _refuse_truncation(await inspect(self.connection, self.reader, slots))
        return True


def _refuse_truncation(findings: Findings) -> None:
    if findings.truncated:
        message = f"logs differ from {dict(findings.truncated)} on"
        raise LogLossError(message)
