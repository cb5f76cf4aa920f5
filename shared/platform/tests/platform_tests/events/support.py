"""What the tests of the event engine share: a database with both ends, a writer, and things that run for a while."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Protocol
from uuid import UUID

import asyncpg
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from crm_platform.db.database import connect_dedicated
from crm_platform.db.schema import new_metadata, row_security
from crm_platform.events.consumer import Consumer
from crm_platform.events.kafka import KafkaOptions, Slot, ensure_topics, new_producer, stop_quietly
from crm_platform.events.log_reader import LogReader
from crm_platform.events.metrics import EventMetrics
from crm_platform.events.redrive import Redriver
from crm_platform.events.relay import Relay
from crm_platform.events.replay import Replayer, State
from crm_platform.events.settings import ConsumerSettings, RelaySettings
from crm_platform.events.subscriptions import EVERY_TYPE, Registry, Subscription
from crm_platform.events.tables import metadata_tables
from crm_platform.events.wire import Record
from crm_platform.ids import new_id
from crm_platform.testing.waiting import until
from crm_runtime.testing import FreshDatabase

TOPIC = "crm.thing.v1"
OTHER_TOPIC = "crm.other.v1"
INBOUND_TOPIC = "crm.inbound.partner.v1"
TENANT = UUID("00000000-0000-7000-8000-00000000000a")
OTHER_TENANT = UUID("00000000-0000-7000-8000-00000000000b")
PARTITIONS = 6
PRODUCER, READER = "producing_svc", "reading_svc"
STOP_SECONDS = 30

DEADLINE = 60
FAST_RELAY = RelaySettings(poll=0.2, standby_poll=0.1, check=0.3, tasks_poll=0.1, inspect=2.0, backoff=0.3)
FAST_CONSUMER = ConsumerSettings(
    fetch_wait=0.1, heartbeat=0.3, watchdog=0.5, retry_delay=0.01, batch_retries=3, backoff=0.3
)
SHORT_LEASE = 2.0
"""Lease of those that get frozen: so long must the others wait."""

_DOMAIN = """
CREATE TABLE thing (id uuid PRIMARY KEY, version int NOT NULL, tenant_id uuid NOT NULL);
CREATE TABLE effect (n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, aggregate_id uuid NOT NULL,
  version int NOT NULL, type text NOT NULL, tenant_id uuid NOT NULL, event_id uuid NOT NULL)
"""


async def migrate(database: FreshDatabase) -> None:
    """Create the mechanism tables in the schemas of both ends."""
    tables = metadata_tables(new_metadata()).values()
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    statements = [str(CreateTable(table).compile(dialect=dialect)) for table in tables]
    statements += [str(CreateIndex(index).compile(dialect=dialect)) for table in tables for index in table.indexes]
    statements += [line for table in tables if table.info.get("tenant") for line in row_security(table)]
    for url in database.urls.values():
        connection = await asyncpg.connect(url)
        for statement in [*statements, _DOMAIN]:
            await connection.execute(statement)
        await connection.close()


class Runs(Protocol):
    """A relay, a consumer, a worker."""

    async def run(self, stop: asyncio.Event) -> None: ...


@asynccontextmanager
async def running(*parts: Runs) -> AsyncIterator[asyncio.Event]:
    """Run parts until the end of the block, and see that each of them stops."""
    stop = asyncio.Event()
    tasks = [asyncio.ensure_future(part.run(stop)) for part in parts]
    try:
        yield stop
    finally:
        stop.set()
        done, late = await asyncio.wait(tasks, timeout=STOP_SECONDS)
        for task in late:
            task.cancel()
        for task in done:
            task.result()
        assert not late, f"a part did not stop within {STOP_SECONDS} s"


@dataclass
class Ends:
    """Both ends of the mechanism: the publishing service's schema and the consuming one's."""

    producer_dsn: str
    reader_dsn: str
    admin_dsn: str
    kafka: KafkaOptions
    _connections: dict[str, Any] = field(default_factory=dict)

    def relay(self, metrics: EventMetrics | None = None, **changes: Any) -> Relay:
        """A relay of the publishing service, with quick reactions, that works on replays too."""
        relay = Relay(
            dsn=self.producer_dsn,
            kafka=self.kafka,
            service="producing-svc",
            topics=[TOPIC, OTHER_TOPIC],
            settings=replace(FAST_RELAY, **changes),
            metrics=metrics,
        )
        relay.when_leading.append(Replayer({"thing": Things()}))
        return relay

    def registry(self, *subscriptions: Subscription, handler_timeout: float = 20.0) -> Registry:
        """What the consuming service takes in; without arguments everything, noting each effect."""
        every = Subscription(topics=[TOPIC, OTHER_TOPIC, INBOUND_TOPIC], handlers={EVERY_TYPE: note_effect})
        return Registry(subscriptions or [every], handler_timeout=handler_timeout)

    def consumer(
        self,
        *subscriptions: Subscription,
        metrics: EventMetrics | None = None,
        handler_timeout: float = 20.0,
        **changes: Any,
    ) -> Consumer:
        """A consumer of the consuming service, with quick reactions."""
        return Consumer(
            dsn=self.reader_dsn,
            kafka=self.kafka,
            registry=self.registry(*subscriptions, handler_timeout=handler_timeout),
            settings=replace(FAST_CONSUMER, **changes),
            metrics=metrics,
        )

    def redriver(self, *subscriptions: Subscription) -> Redriver:
        """The part that handles dead letters again."""
        return Redriver(dsn=self.reader_dsn, registry=self.registry(*subscriptions), poll=0.05)

    async def producer(self) -> Any:
        """A connection of the publishing service that sees all tenants."""
        return await self._connection(self.producer_dsn)

    async def reader(self) -> Any:
        """A connection of the consuming service that sees all tenants."""
        return await self._connection(self.reader_dsn)

    async def _connection(self, dsn: str) -> Any:
        if dsn not in self._connections or self._connections[dsn].is_closed():
            self._connections[dsn] = await connect_dedicated(dsn, name="test", **{"crm.system": "on"})
        return self._connections[dsn]

    async def close(self) -> None:
        """Close the connections."""
        for connection in self._connections.values():
            await connection.close()

    async def write(
        self,
        aggregate_id: UUID,
        *versions: int,
        topic: str = TOPIC,
        type_: str = "thing.changed",
        tenant: UUID = TENANT,
        connection: Any = None,
        **headers: str,
    ) -> None:
        """Record events as the unit of work does."""
        context = {"correlation_id": str(new_id()), "actor": "user:1", "origin": "crm", **headers}
        await (connection or await self.producer()).executemany(
            "INSERT INTO outbox (event_id, tenant_id, aggregate_type, aggregate_id, version, type, topic, headers,"
            " payload) VALUES ($1, $2, 'thing', $3, $4, $5, $6, $7, $8)",
            [
                (new_id(), tenant, aggregate_id, version, type_, topic, context, payload(version))
                for version in versions
            ],
        )

    async def unpublished(self) -> int:
        """How many rows wait."""
        return int(await (await self.producer()).fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL"))

    async def effects(self, aggregate_id: UUID | None = None) -> list[tuple[UUID, int]]:
        """Aggregate and version of every effect, in the order in which they took place."""
        rows = await (await self.reader()).fetch(
            "SELECT aggregate_id, version FROM effect WHERE $1::uuid IS NULL OR aggregate_id = $1 ORDER BY n",
            aggregate_id,
        )
        return [(row[0], row[1]) for row in rows]

    async def versions(self, aggregate_id: UUID) -> list[int]:
        """The versions of an aggregate that took effect, in that order."""
        return [version for _, version in await self.effects(aggregate_id)]

    async def await_effects(self, count: int) -> list[tuple[UUID, int]]:
        """Wait until so many effects took place."""
        found: list[tuple[UUID, int]] = []

        async def enough() -> bool:
            found[:] = await self.effects()
            return len(found) >= count

        await until(enough, seconds=DEADLINE, why=lambda: f"{len(found)} of {count} effects")
        return found

    async def await_rows(self, query: str, *arguments: Any) -> list[Any]:
        """Wait until a query on the consuming service's schema finds something."""

        async def found() -> list[Any]:
            return await self.fetch(query, *arguments)

        return list(await until(found, seconds=DEADLINE, why=lambda: query))

    async def await_published(self) -> None:
        """Wait until the outbox has nothing to publish."""

        async def none() -> bool:
            return await self.unpublished() == 0

        await until(none, seconds=DEADLINE)

    async def epochs(self) -> list[tuple[int, int]]:
        """Number and place of every loss that the relay healed."""
        rows = await (await self.producer()).fetch("SELECT epoch, truncated_at_offset FROM relay_epoch ORDER BY 1, 2")
        return [tuple(row) for row in rows]

    async def fetch(self, query: str, *arguments: Any) -> list[Any]:
        """Rows of the consuming service's schema."""
        return list(await (await self.reader()).fetch(query, *arguments))


def payload(version: int) -> bytes:
    """The data of an event, in the shape of the contracts."""
    return json.dumps({"state": {"version": version}, "changed": ["version"], "reason": None}).encode()


def order_breaks(effects: Sequence[tuple[UUID, int]]) -> list[tuple[UUID, int]]:
    """Effects that are not the next version of their aggregate: duplicates, gaps and inversions alike."""
    last: dict[UUID, int] = {}
    wrong = []
    for aggregate_id, version in effects:
        if version != last.get(aggregate_id, 0) + 1:
            wrong.append((aggregate_id, version))
        last[aggregate_id] = max(version, last.get(aggregate_id, 0))
    return wrong


async def note_effect(connection: asyncpg.Connection, record: Record) -> None:
    """Handle an event by writing down that it took effect, under the tenant that the transaction is set to."""
    await connection.execute(
        "INSERT INTO effect (aggregate_id, version, type, tenant_id, event_id)"
        " VALUES ($1, $2, $3, current_setting('crm.tenant_id')::uuid, $4)",
        record.aggregate_id,
        record.version,
        record.type,
        record.event_id,
    )


class Things:
    """Current states of the only kind of aggregate: what the events of the outbox add up to."""

    topic = TOPIC

    async def tenants(self, connection: asyncpg.Connection) -> Sequence[UUID]:
        """All that ever recorded anything."""
        return [row[0] for row in await connection.fetch("SELECT DISTINCT tenant_id FROM thing")]

    async def page(self, connection: asyncpg.Connection, after: UUID | None, limit: int) -> Sequence[State]:
        """The next states."""
        rows = await connection.fetch(
            "SELECT id, version FROM thing WHERE tenant_id = current_setting('crm.tenant_id')::uuid"
            " AND ($1::uuid IS NULL OR id > $1) ORDER BY id LIMIT $2 FOR SHARE",
            after,
            limit,
        )
        return [State(row[0], row[1], payload(row[1])) for row in rows]


async def send_raw(kafka: KafkaOptions, topic: str, *records: tuple[str, dict[str, str], bytes | None]) -> None:
    """Send records of others: key, headers and value of each."""
    await ensure_topics(kafka, [topic])
    producer = await new_producer(kafka, "test")
    try:
        for key, headers, value in records:
            encoded = [(name, text.encode()) for name, text in headers.items()]
            await producer.send_and_wait(kafka.topic_prefix + topic, value, key=key.encode(), headers=encoded)
    finally:
        await stop_quietly(producer)


def inbound_headers(event_id: str, type_: str, *, subject: str, tenant: UUID = TENANT) -> dict[str, str]:
    """Headers of a partner's event, which has no version."""
    return {
        "ce_specversion": "1.0",
        "ce_id": event_id,
        "ce_source": "/partner",
        "ce_type": type_,
        "ce_time": "2026-01-02T03:04:05Z",
        "ce_subject": subject,
        "ce_tenantid": str(tenant),
        "content-type": "application/json",
    }


async def log_length(kafka: KafkaOptions, topic: str = TOPIC) -> int:
    """How many records the broker holds of a topic."""
    reader = await LogReader.open(kafka)
    try:
        return sum((await reader.ends([Slot(topic, number) for number in range(kafka.partitions)])).values())
    finally:
        await reader.close()
