"""The consumer of a service: reads its partitions, lets events take effect exactly once, survives what fails.

No Kafka consumer group is used: with a frozen member the whole group stopped in our trials. Leases and positions are
in the service's own database, and positions move by compare-and-set in the transaction of the effects.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import structlog

from crm_platform.db.database import connect_dedicated
from crm_platform.events.apply import Applier
from crm_platform.events.crashpoints import crashpoint
from crm_platform.events.kafka import KafkaOptions, Slot, ensure_topics, new_consumer, stop_quietly
from crm_platform.events.leases import LeaseKeeper
from crm_platform.events.metrics import EventMetrics
from crm_platform.events.reading import Reader
from crm_platform.events.retrying import Attempts, Handling, StoppedError
from crm_platform.events.settings import ConsumerSettings
from crm_platform.events.subscriptions import Registry
from crm_platform.events.supervise import keep_running, wait_any

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class ConsumerStatus:
    """What the consumer is doing, for health checks."""

    state: Literal["starting", "running", "failed", "stopped"] = "starting"
    instance: str = ""
    partitions: tuple[Slot, ...] = ()
    """Partitions that this process reads; empty for a standby."""
    lag: Mapping[Slot, int] = field(default_factory=dict)
    """Records not yet handled, as of the last look at the broker."""
    progress_at: float = 0.0
    """`time.monotonic()` when records were last handled, or there were none."""
    error: str | None = None


class Consumer:
    """Takes in the events of a service's subscriptions for as long as `run` runs."""

    def __init__(
        self,
        *,
        dsn: str,
        kafka: KafkaOptions,
        registry: Registry,
        settings: ConsumerSettings | None = None,
        metrics: EventMetrics | None = None,
        after_commit: Callable[[], None] = lambda: None,
        topics: list[str] | None = None,
    ) -> None:
        """`after_commit` is called after each batch (ring the outbox bell there).

        `topics` defaults to those of the registry.
        """
        self._dsn = dsn
        self._kafka = kafka
        self._settings = settings or ConsumerSettings()
        self._metrics = metrics or EventMetrics()
        self._after_commit = after_commit
        self._topics = topics if topics is not None else registry.topics
        self._slots = [Slot(topic, number) for number in range(kafka.partitions) for topic in self._topics]
        self._applier = Applier(registry, self._metrics, fence=self._settings.fence)
        self._attempts = Attempts()
        self._instance = f"{socket.gethostname()}/{os.getpid()}"
        self._status = ConsumerStatus(instance=self._instance)
        self._reader: Reader | None = None

    def status(self) -> ConsumerStatus:
        """What the consumer is doing now."""
        return self._status

    def positions(self) -> Mapping[Slot, int]:
        """The next offset of each partition that this process reads."""
        return self._reader.positions() if self._reader is not None else {}

    async def run(self, stop: asyncio.Event) -> None:
        """Consume until `stop`; never fails, but rebuilds everything after an error."""
        await keep_running(
            lambda: self._session(stop), stop, name="consumer", on_failure=self._failed, limit=self._settings.backoff
        )
        self._hold(())
        self._status = replace(self._status, state="stopped")

    def _failed(self, error: BaseException) -> None:
        self._metrics.consumer_failures.inc()
        self._hold(())
        self._status = replace(self._status, state="failed", error=f"{type(error).__name__}: {error}"[:300])

    async def _session(self, stop: asyncio.Event) -> None:
        await ensure_topics(self._kafka, self._topics)
        keeper = LeaseKeeper(
            dsn=self._dsn,
            slots=self._slots,
            instance=self._instance,
            lease=self._settings.lease,
            heartbeat=self._settings.heartbeat,
        )
        connection: Any = None
        client: Any = None
        try:
            connection = await self._connect()
            client = await new_consumer(
                self._kafka,
                "crm-consumer",
                max_poll_records=self._settings.batch_records,
                metadata_max_age_ms=3000,
            )
            await keeper.open()
            reader = self._reader = Reader(client, self._kafka, self._settings.batch_records)
            handling = Handling(
                connection=connection,
                applier=self._applier,
                settings=self._settings,
                attempts=self._attempts,
                metrics=self._metrics,
                stop=stop,
                suspects=reader.suspects,
            )
            with contextlib.suppress(StoppedError):
                await self._consume(keeper, reader, handling, stop)
        finally:
            self._reader = None
            # Leases first: others can take over while this process still puts its things away.
            await keeper.close(leave=stop.is_set())
            if connection is not None:
                connection.terminate()
            if client is not None:
                await stop_quietly(client)

    async def _connect(self) -> Any:
        lease = str(int(self._settings.lease * 1000))
        return await connect_dedicated(
            self._dsn,
            name="crm-consumer",
            # A process that freezes inside a transaction must not keep its row locks.
            idle_in_transaction_session_timeout=lease,
            lock_timeout=lease,
            statement_timeout=str(int(self._settings.batch_timeout * 1000)),
            tcp_user_timeout=lease,
        )

    async def _consume(self, keeper: LeaseKeeper, reader: Reader, handling: Handling, stop: asyncio.Event) -> None:
        keeper.changed.set()
        self._status = replace(self._status, state="running", error=None)
        watched_at = time.monotonic()
        while not stop.is_set():
            keeper.assert_alive()
            if keeper.changed.is_set():
                keeper.changed.clear()
                await keeper.give_back()
                await reader.hold(handling.connection, keeper.held)
                self._hold(keeper.held)
            if not keeper.held:
                self._progress()
                await wait_any(self._settings.fetch_wait, keeper.changed, stop)
                continue
            intake = await reader.fetch(self._settings.fetch_wait)
            if intake.moves:
                crashpoint("consumer.after_fetch_before_effects")
                keeper.assert_alive()
                await handling.take(intake)
                reader.moved(intake)
                self._after_commit()
                self._progress()
            if time.monotonic() - watched_at > self._settings.watchdog:
                watched_at = time.monotonic()
                await self._watch(reader)

    def _hold(self, slots: Collection[Slot]) -> None:
        """Show which partitions are read here; the lag of the others is shown by whoever reads them."""
        for slot in set(self._status.partitions) - set(slots):
            with contextlib.suppress(KeyError):
                self._metrics.consumer_lag.remove(slot.topic, str(slot.partition))
        self._metrics.partitions.set(len(slots))
        self._status = replace(self._status, partitions=tuple(sorted(slots)))

    async def _watch(self, reader: Reader) -> None:
        lag = await reader.watch(idle=self._settings.watchdog, stuck=self._settings.stuck)
        for slot, count in lag.items():
            self._metrics.consumer_lag.labels(slot.topic, str(slot.partition)).set(count)
        self._status = replace(self._status, lag=lag)
        if not any(lag.values()):
            self._progress()

    def _progress(self) -> None:
        self._status = replace(self._status, progress_at=time.monotonic())
