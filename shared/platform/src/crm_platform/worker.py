"""The worker process of a service: relay, consumers, operations, audit sealer, clean-up, operator endpoints."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from typing import Any

from prometheus_client import CollectorRegistry
from starlette.requests import Request

from crm_contracts.registry import PRODUCERS
from crm_platform.audit.sealer import Sealer
from crm_platform.db import Database
from crm_platform.dispatch import service_registry
from crm_platform.errors import Unavailable
from crm_platform.events.kafka import Slot
from crm_platform.events.metrics import EventMetrics
from crm_platform.events.replay import SnapshotSource
from crm_platform.events.retention import RetentionSettings
from crm_platform.events.security import kafka_options
from crm_platform.events.settings import ConsumerSettings, RelaySettings
from crm_platform.events.supervise import keep_running, wait_any
from crm_platform.events.worker import EventsWorker, events_worker
from crm_platform.idempotency import expire_answers
from crm_platform.objects.store import Objects
from crm_platform.observability.tracing import Tracer
from crm_platform.operations.runner import Runner
from crm_platform.operations.settings import RunnerSettings
from crm_platform.operator import OperatorCommand
from crm_platform.sealing.rotation import key_usage, rewrap_keys
from crm_platform.sealing.startup import open_checked
from crm_platform.sealing.vault import vault_for
from crm_platform.service import Service
from crm_platform.settings import ServiceSettings
from crm_platform.snapshots import AggregateSnapshots

Job = Callable[[Database, asyncio.Event], Coroutine[Any, Any, None]]
"""Something that a service's worker does beside events, until the event is set."""


async def _key_usage(worker: "Worker", _: Request) -> Any:
    return await key_usage(worker.database)


SEALING_COMMANDS = (OperatorCommand("GET", "sealing", _key_usage),)
"""What operators can ask of the worker of a service with sealed personal data."""


class Worker:
    """Everything a service does when nobody is asking; several copies may run, each part elects its leader."""

    def __init__(
        self,
        service: Service,
        settings: ServiceSettings | None = None,
        *,
        jobs: tuple[Job, ...] = (),
        commands: tuple[OperatorCommand, ...] = (),
        runner: RunnerSettings | None = None,
    ) -> None:
        self.service = service
        self.commands = (*commands, *(SEALING_COMMANDS if service.seals else ()))
        self.settings: ServiceSettings = settings or service.settings()
        self.registry = CollectorRegistry()
        vault = vault_for(self.settings.sealing, needed=service.seals)
        self.database = Database(self.settings.db, name=f"{service.name}-worker", vault=vault)
        self._tracer = Tracer(self.settings.trace, self.settings.service)
        self.events = self._events()
        self._runner = self._operations(runner)
        self._sealer = Sealer(self.database, self.settings)
        sealing: tuple[Job, ...] = (rewrap_keys,) if service.seals else ()
        self._jobs: tuple[Job, ...] = (expire_answers, *sealing, *jobs)

    def _events(self) -> EventsWorker:
        settings, kafka = self.settings, self.settings.kafka
        events = PRODUCERS.get(self.service.name, ())
        return events_worker(
            dsn=settings.db.url,
            kafka=kafka_options(kafka),
            service=self.service.name,
            publishes=sorted({event.topic for event in events}),
            registry=service_registry(self.service, self._tracer, self.database.vault),
            snapshots=_snapshots(self.service, self.database),
            metrics=EventMetrics(self.registry),
            relay=RelaySettings(heal=kafka.heal_log_loss, fence=kafka.fence),
            consumer=ConsumerSettings(fence=kafka.fence),
            retention=RetentionSettings(outbox=timedelta(days=kafka.retention_days)),
        )

    def _operations(self, settings: RunnerSettings | None) -> Runner | None:
        service = self.service
        if not service.operations and not service.sweeps:
            return None
        return Runner(
            service=service.name,
            database=self.database,
            dsn=self.settings.db.url,
            kinds=service.operations,
            objects=Objects(self.settings.objects),
            sweeps=service.sweeps,
            standing=service.standing,
            registry=self.registry,
            settings=settings,
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Work until ``stop`` is set; every part restarts itself after an error."""
        await self._open(stop)
        try:
            async with asyncio.TaskGroup() as parts:
                parts.create_task(self.events.run(stop), name="events")
                for name, part in self._others():
                    parts.create_task(keep_running(partial(part, stop), stop, name=name), name=name)
        finally:
            self._tracer.close()
            await self.database.close()

    def _others(self) -> Iterator[tuple[str, Callable[[asyncio.Event], Coroutine[Any, Any, None]]]]:
        """The parts beside events, by name."""
        yield "sealer", self._sealer.run
        if self._runner is not None:
            yield "operations", self._runner.run
        for job in self._jobs:
            yield getattr(job, "__name__", "job"), partial(job, self.database)

    async def _open(self, stop: asyncio.Event) -> None:
        """Wait for PostgreSQL: a worker may be up before it.

        Raises:
            UnusableKeys: There is data sealed with a key that the settings do not name.
        """
        while not stop.is_set():
            try:
                await open_checked(self.database)
            except Unavailable:
                await wait_any(1, stop)
            else:
                return

    async def check(self) -> dict[str, Any]:
        """What the parts are doing; for ``/health/ready``.

        Raises:
            Unavailable: PostgreSQL does not answer.
        """
        await self.database.ping()
        return asdict(self.events.status(), dict_factory=_readable)


def _snapshots(service: Service, database: Database) -> dict[str, SnapshotSource]:
    """The current states of every aggregate, for consumers that start late."""
    events = {event.aggregate_type: event for event in PRODUCERS.get(service.name, ())}
    told = [one for one in service.aggregates if one.name in events]
    return {one.name: AggregateSnapshots(one, events[one.name], database) for one in told}


def _readable(items: list[tuple[str, Any]]) -> dict[str, Any]:
    """Status as JSON can show it: partitions are named ``topic/number``."""
    return {name: _shown(value) for name, value in items}


def _shown(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(_shown(key)): one for key, one in value.items()}
    if isinstance(value, Slot):
        return f"{value.topic}/{value.partition}"
    return [_shown(one) for one in value] if isinstance(value, tuple) else value
