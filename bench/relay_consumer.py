"""How fast events get from a commit to their effects: `python bench/relay_consumer.py [events] [seconds]`.

Starts a PostgreSQL and a broker of its own (fsync on), fills an outbox and prints how fast the relay drains it and
how fast one consumer takes the events in (a batch handler, then a handler per event, each writing one row of effect
per event), then writes 100 events a second and prints the time from commit to committed effect. The machine's load
is printed beside, since the figures mean little without it.
"""

import asyncio
import gc
import json
import logging
import os
import resource
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import structlog
import uvloop
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from crm_platform.db.database import connect_dedicated
from crm_platform.db.schema import new_metadata, row_security
from crm_platform.events.bell import OutboxBell
from crm_platform.events.consumer import Consumer
from crm_platform.events.kafka import KafkaOptions
from crm_platform.events.relay import Relay
from crm_platform.events.subscriptions import EVERY_TYPE, Registry, Subscription
from crm_platform.events.tables import metadata_tables
from crm_platform.events.wire import Record
from crm_platform.ids import new_id
from crm_runtime.broker import EmbeddedBroker
from crm_runtime.ports import free_ports
from crm_runtime.postgres import EmbeddedPostgres
from crm_runtime.postgres_config import PostgresOptions
from crm_runtime.testing import DatabaseFactory, FreshDatabase

TOPIC = "crm.thing.v1"
TENANT = new_id()
PAYLOAD = json.dumps({"state": {"name": "客户", "note": "x" * 300}, "changed": ["name"], "reason": None}).encode()
RATE = 100
WARM_UP_SECONDS = 2.0
INSERT = (
    "INSERT INTO outbox (event_id, tenant_id, aggregate_type, aggregate_id, version, type, topic, headers, payload)"
    " VALUES ($1, $2, 'thing', $3, $4, 'thing.changed', $5, $6, $7)"
)


async def migrate(database: FreshDatabase) -> None:
    """Create the mechanism tables and one for effects."""
    tables = metadata_tables(new_metadata()).values()
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    connection = await asyncpg.connect(database.url)
    for table in tables:
        await connection.execute(str(CreateTable(table).compile(dialect=dialect)))
        for index in table.indexes:
            await connection.execute(str(CreateIndex(index).compile(dialect=dialect)))
        for statement in row_security(table) if table.info.get("tenant") else ():
            await connection.execute(statement)
    await connection.execute("CREATE TABLE effect (event_id uuid PRIMARY KEY, version int NOT NULL)")
    await connection.close()


@contextmanager
def servers() -> Iterator[tuple[str, KafkaOptions]]:
    """A database and a broker, for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="crm-bench-") as name, asyncio.Runner() as runner:
        folder = Path(name)
        folder.chmod(0o711)
        postgres_port, broker_port = free_ports(2)
        server = EmbeddedPostgres.at(
            folder / "postgres",
            PostgresOptions(port=postgres_port),
            admin_password=secrets.token_urlsafe(16),
            log_file=folder / "postgres.log",
        )
        broker = EmbeddedBroker(folder / "broker", broker_port, folder / "broker.log")
        try:
            runner.run(server.start())
            runner.run(broker.start())
            factory = DatabaseFactory(server.admin_url)
            database = factory.create("bench_svc", migrate=migrate, cache_key="bench")
            factory.close()
            yield database.url, KafkaOptions(bootstrap=broker.bootstrap)
        finally:
            runner.run(broker.stop())
            runner.run(server.stop())


def event(aggregate: UUID, version: int) -> tuple[Any, ...]:
    """Arguments of `INSERT`."""
    headers = {"correlation_id": str(new_id()), "actor": "user:1", "origin": "crm"}
    return (new_id(), TENANT, aggregate, version, TOPIC, headers, PAYLOAD)


async def fill(connection: Any, count: int) -> None:
    """Record events of two thousand aggregates."""
    aggregates = [new_id() for _ in range(min(2000, count))]
    rows = [event(aggregates[number % len(aggregates)], number // len(aggregates) + 1) for number in range(count)]
    await connection.executemany(INSERT, rows)
    await connection.execute("ANALYZE outbox")


@asynccontextmanager
async def running(*parts: Any) -> AsyncIterator[None]:
    """Run parts until the end of the block."""
    stop = asyncio.Event()
    tasks = [asyncio.ensure_future(part.run(stop)) for part in parts]
    yield
    stop.set()
    await asyncio.gather(*tasks)


async def until(count: Callable[[], Awaitable[int]], goal: int) -> tuple[int, float]:
    """Wait for a count to reach its goal: how much came after the first, and in which time."""
    first = now = 0
    started = time.perf_counter()
    while now < goal:
        await asyncio.sleep(0.03)
        now = await count()
        if not first:
            first, started = now, time.perf_counter()
    return goal - first, time.perf_counter() - started


def report(name: str, done: int, seconds: float, cpu: float) -> None:
    """Print one line."""
    rate = f"{done / seconds:,.0f} /s"
    print(f"{name:<26}{rate:>12}{cpu / done * 1e6:>8.0f} µs of CPU here, load {os.getloadavg()[0]:.1f}")


def cpu_seconds() -> float:
    """CPU time of this process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def note_all(connection: asyncpg.Connection, records: Sequence[Record]) -> None:
    """Handle a batch with one statement, as a projection does."""
    await connection.execute(
        "INSERT INTO effect SELECT * FROM unnest($1::uuid[], $2::int[])",
        [record.event_id for record in records],
        [record.version for record in records],
    )


async def note_one(connection: asyncpg.Connection, record: Record) -> None:
    """Handle one event with one statement."""
    await connection.execute("INSERT INTO effect VALUES ($1, $2)", record.event_id, record.version)


def consumer(dsn: str, kafka: KafkaOptions, handler: Any, *, batch: bool = False) -> Consumer:
    """A consumer with one handler."""
    subscription = Subscription(topics=[TOPIC], handlers={EVERY_TYPE: handler}, batch=batch)
    return Consumer(dsn=dsn, kafka=kafka, registry=Registry([subscription]))


async def throughput(dsn: str, kafka: KafkaOptions, connection: Any, events: int) -> None:
    """Drain a full outbox, then consume it twice."""
    await fill(connection, events)

    async def published() -> int:
        return int(await connection.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NOT NULL"))

    async def effects() -> int:
        return int(await connection.fetchval("SELECT count(*) FROM effect"))

    before = cpu_seconds()
    async with running(relay(dsn, kafka)):
        done, seconds = await until(published, events)
    report("relay, drain", done, seconds, cpu_seconds() - before)
    for name, handler, batch in (
        ("consumer, batch handler", note_all, True),
        ("consumer, one by one", note_one, False),
    ):
        await connection.execute("TRUNCATE effect, consumer_gate, consumer_position, consumer_instance")
        before = cpu_seconds()
        async with running(consumer(dsn, kafka, handler, batch=batch)):
            done, seconds = await until(effects, events)
        report(name, done, seconds, cpu_seconds() - before)


async def latency(dsn: str, kafka: KafkaOptions, connection: Any, seconds: float) -> None:
    """Write at a fixed rate and measure from the commit to the committed effect."""
    bell = OutboxBell(dsn)
    committed: dict[UUID, float] = {}
    taken: dict[UUID, float] = {}
    seen: list[UUID] = []

    async def keep(_: asyncpg.Connection, record: Record) -> None:
        seen.append(record.event_id)

    def after_commit() -> None:
        now = time.perf_counter()
        taken.update(dict.fromkeys(seen, now))
        seen.clear()

    registry = Registry([Subscription(topics=[TOPIC], handlers={EVERY_TYPE: keep})])
    reader = Consumer(dsn=dsn, kafka=kafka, registry=registry, after_commit=after_commit)
    async with running(relay(dsn, kafka), reader):
        started = time.perf_counter()
        for number in range(int((seconds + WARM_UP_SECONDS) * RATE)):
            # From the intended start, so that a slow moment is not left out of the figures.
            await asyncio.sleep(max(started + number / RATE - time.perf_counter(), 0))
            row = event(new_id(), 1)
            await connection.execute(INSERT, *row)
            committed[row[0]] = time.perf_counter()
            bell.ring()
        missing = committed.keys() - taken.keys()
        while missing:
            await asyncio.sleep(0.01)
            missing -= taken.keys()
    await bell.close()
    warm = list(committed)[int(WARM_UP_SECONDS * RATE) :]
    times = sorted((taken[one] - committed[one]) * 1000 for one in warm)
    p50, p99 = statistics.median(times), times[int(len(times) * 0.99)]
    print(f"commit → effect at {RATE} events/s: p50 {p50:.1f} ms, p99 {p99:.1f} ms, max {times[-1]:.1f} ms")


def relay(dsn: str, kafka: KafkaOptions) -> Relay:
    """The relay of the service under test."""
    return Relay(dsn=dsn, kafka=kafka, service="bench-svc", topics=[TOPIC])


async def measure(dsn: str, kafka: KafkaOptions, events: int, seconds: float) -> None:
    """Measure and print."""
    connection = await connect_dedicated(dsn, name="bench", **{"crm.system": "on"})
    await throughput(dsn, kafka, connection, events)
    await latency(dsn, kafka, connection, seconds)
    await connection.close()


def main() -> None:
    """Read the arguments and measure."""
    events, seconds = [*sys.argv[1:], "40000", "10"][:2] if len(sys.argv) != 2 else [sys.argv[1], "10"]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    # As workers do: what was imported stays, and need not be looked at by each collection.
    gc.collect()
    gc.freeze()
    # The servers are children of a plain loop: uvloop cannot start a process as another user.
    with servers() as (dsn, kafka):
        uvloop.run(measure(dsn, kafka, int(events), float(seconds)))


if __name__ == "__main__":
    main()
