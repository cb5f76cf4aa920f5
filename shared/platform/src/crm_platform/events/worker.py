"""What a service's worker runs for events: relay, consumer, redriving, retention, under one supervisor."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

import structlog

from crm_platform.events.bell import OutboxBell
from crm_platform.events.consumer import Consumer, ConsumerStatus
from crm_platform.events.group_offsets import GroupOffsets
from crm_platform.events.kafka import KafkaOptions
from crm_platform.events.metrics import EventMetrics
from crm_platform.events.redrive import Redriver
from crm_platform.events.relay import Relay, RelayStatus
from crm_platform.events.replay import Replayer, SnapshotSource
from crm_platform.events.retention import Retention, RetentionSettings
from crm_platform.events.settings import ConsumerSettings, RelaySettings
from crm_platform.events.subscriptions import Registry
from crm_platform.events.supervise import Backoff, being_cancelled, wait_any

_log = structlog.get_logger(__name__)

STOP_SECONDS: Final = 4.5
"""Time that the parts get to finish what they are doing before they are cancelled."""


class Part(Protocol):
    """Something that runs until it is told to stop."""

    async def run(self, stop: asyncio.Event) -> None:
        """Run until `stop`."""


@dataclass(frozen=True, kw_only=True)
class WorkerStatus:
    """State of the parts, for health checks; None for a part that the service does not have."""

    relay: RelayStatus | None
    consumer: ConsumerStatus | None


class EventsWorker:
    """Runs a service's event parts side by side, each started again should it ever end by itself."""

    def __init__(
        self,
        *,
        relay: Relay | None = None,
        consumer: Consumer | None = None,
        others: Iterable[Part] = (),
        bell: OutboxBell | None = None,
    ) -> None:
        """Most callers want `events_worker`, which puts the usual parts together; `bell` is closed at the end."""
        self.relay = relay
        self.consumer = consumer
        self._bell = bell
        self._parts: list[Part] = [part for part in (relay, consumer, *others) if part is not None]

    def status(self) -> WorkerStatus:
        """What relay and consumer are doing now."""
        return WorkerStatus(
            relay=self.relay.status() if self.relay else None,
            consumer=self.consumer.status() if self.consumer else None,
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Run until `stop`, then give the parts a few seconds to finish."""
        tasks = {asyncio.ensure_future(_for_ever(part, stop)): type(part).__name__ for part in self._parts}
        for task, name in tasks.items():
            task.set_name(f"events-{name.lower()}")
        try:
            await stop.wait()
        finally:
            await _finish(set(tasks))
            if self._bell is not None:
                await self._bell.close()


async def _finish(tasks: set[asyncio.Future[None]]) -> None:
    _, late = await asyncio.wait(tasks, timeout=STOP_SECONDS if not being_cancelled() else 0)
    for task in late:
        _log.warning("event_part_cancelled", task=str(task))
        task.cancel()
    if late:
        await asyncio.wait(late, timeout=1.0)


async def _for_ever(part: Part, stop: asyncio.Event) -> None:
    """Run a part again when it ends though it should not; its own loop already survives what it expects."""
    backoff = Backoff()
    while not stop.is_set():
        try:
            await part.run(stop)
        except (Exception, asyncio.CancelledError) as error:
            if being_cancelled():
                raise
            _log.exception("event_part_failed", part=type(part).__name__, error=repr(error))
        await wait_any(backoff.next(), stop)


def events_worker(
    *,
    dsn: str,
    kafka: KafkaOptions,
    service: str,
    publishes: Sequence[str],
    registry: Registry,
    snapshots: Mapping[str, SnapshotSource] | None = None,
    metrics: EventMetrics | None = None,
    relay: RelaySettings | None = None,
    consumer: ConsumerSettings | None = None,
    retention: RetentionSettings | None = None,
    after_commit: Callable[[], None] | None = None,
) -> EventsWorker:
    """Put together what a service needs.

    Args:
        dsn: The service's own role and schema.
        kafka: The broker.
        service: Name of the service, for the events' source and the group under which lag is shown.
        publishes: Topics of the service's own events; none means no relay.
        registry: What the service takes in; without topics there is no consumer.
        snapshots: Current states by aggregate type, for consumers that start without the events.
        metrics: Where figures go.
        relay: Settings of the relay.
        consumer: Settings of the consumer.
        retention: How long things stay.
        after_commit: Called after each consumed batch; by default it wakes the relay, in whatever process it leads.
    """
    metrics = metrics or EventMetrics()
    others: list[Part] = [Retention(dsn=dsn, settings=retention)]
    publisher = reader = None
    bell = OutboxBell(dsn)
    if publishes:
        publisher = Relay(dsn=dsn, kafka=kafka, service=service, topics=publishes, settings=relay, metrics=metrics)
        publisher.when_leading.append(Replayer(snapshots, metrics=metrics))
    wake = after_commit or partial(_wake, publisher, bell)
    if registry.topics:
        reader = Consumer(
            dsn=dsn, kafka=kafka, registry=registry, settings=consumer, metrics=metrics, after_commit=wake
        )
        others.append(Redriver(dsn=dsn, registry=registry, metrics=metrics, after_commit=wake))
        others.append(GroupOffsets(kafka, service, reader.positions))
    return EventsWorker(relay=publisher, consumer=reader, others=others, bell=bell)


def _wake(relay: Relay | None, bell: OutboxBell) -> None:
    """Wake the relay here if it leads, otherwise whichever does."""
    if relay is None:
        return
    if relay.status().state == "leader":
        relay.wake()
    else:
        bell.ring()
