"""Events for benchmarks: a full outbox of sales-svc, a relay, and whoever takes them in."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from bench import stage
from crm_contracts.base import Money
from crm_contracts.sales.v1 import OpportunityCreated, OpportunitySnapshot, OpportunityStage
from crm_platform.events.kafka import KafkaOptions
from crm_platform.events.relay import Relay
from crm_platform.ids import new_id

TOPIC = OpportunityCreated.topic
TENANT = new_id()
PATIENCE = 120.0
"""Seconds without any progress after which a benchmark is given up."""
_INSERT = (
    "INSERT INTO outbox (event_id, tenant_id, aggregate_type, aggregate_id, version, type, topic, headers, payload)"
    " VALUES ($1, $2, 'opportunity', $3, 1, 'opportunity.created', $4, $5, $6)"
)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Both ends and what is between them."""

    database: stage.Postgres
    kafka: KafkaOptions

    @property
    def sales(self) -> str:
        """Login URL of whoever publishes."""
        return self.database.urls["sales_svc"]

    @property
    def analytics(self) -> str:
        """Login URL of whoever takes in."""
        return self.database.urls["analytics_svc"]

    def relay(self) -> Relay:
        """The relay of the publishing service."""
        return Relay(dsn=self.sales, kafka=self.kafka, service="sales-svc", topics=[TOPIC])


@contextmanager
def pipeline() -> Iterator[Pipeline]:
    """Start both ends; uvloop must not run yet."""
    with (
        stage.folder() as folder,
        stage.postgres(folder, "sales_svc", "analytics_svc") as database,
        stage.broker(folder) as kafka,
    ):
        yield Pipeline(database, kafka)


def opportunity(id: UUID) -> OpportunitySnapshot:
    """The state of a new opportunity."""
    now = datetime.now(UTC)
    return OpportunitySnapshot(
        id=id,
        version=1,
        created_at=now,
        created_by="user:1",
        updated_at=now,
        updated_by="user:1",
        owner_id=new_id(),
        team_id=new_id(),
        name="智能仓储系统二期 (warehouse automation, phase 2)",
        customer_id=new_id(),
        product_id=new_id(),
        stage=OpportunityStage.PROSPECTING,
        value=Money(amount=Decimal("125000.50"), currency="CNY"),
        engaged_on=None,
        expected_close_on=date(2026, 12, 31),
        closed_on=None,
        lost_reason=None,
        external_refs=(),
    )


def event(id: UUID) -> tuple[Any, ...]:
    """Arguments of an INSERT into the outbox."""
    payload = OpportunityCreated(state=opportunity(id)).model_dump_json().encode()
    headers = {"correlation_id": str(new_id()), "actor": "user:1", "origin": "crm"}
    return (new_id(), TENANT, id, TOPIC, headers, payload)


async def record(connection: Any, row: tuple[Any, ...]) -> None:
    """Put one event into the outbox."""
    await connection.execute(_INSERT, *row)


async def fill(connection: Any, count: int) -> float:
    """Put ``count`` events into the outbox; returns the seconds that the INSERTs took."""
    rows = [event(new_id()) for _ in range(count)]
    started = time.perf_counter()
    await connection.executemany(_INSERT, rows)
    took = time.perf_counter() - started
    await connection.execute("ANALYZE outbox")
    return took


@asynccontextmanager
async def running(*parts: Any) -> AsyncIterator[None]:
    """Run parts until the end of the block."""
    stop = asyncio.Event()
    tasks = [asyncio.ensure_future(part.run(stop)) for part in parts]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*tasks)


async def rate(count: Callable[[], Awaitable[int]], goal: int) -> float:
    """Wait for a count to reach its goal; how many came per second, after the first had come."""
    start = last = await count()
    moved = began = time.perf_counter()
    first: int | None = None
    while last < goal:
        await asyncio.sleep(0.02)
        now, moment = await count(), time.perf_counter()
        assert moment - moved < PATIENCE, f"stuck at {now} of {goal}"
        if now > last:
            last, moved = now, moment
        if first is None and now > start:
            first, began = now, moment
    return (goal - (first or start)) / (time.perf_counter() - began)


async def taken(connection: Any) -> int:
    """Events that the consumer of the connection's schema has taken in; cheaper to ask than to count what they did."""
    return int(await connection.fetchval("SELECT coalesce(sum(next_offset), 0) FROM consumer_position"))


def columns(snapshots: Sequence[OpportunitySnapshot], names: Sequence[str]) -> list[tuple[Any, ...]]:
    """Rows of facts for COPY."""

    def value(of: OpportunitySnapshot, name: str) -> Any:
        if name == "tenant_id":
            return TENANT
        if name.startswith("value_"):
            return getattr(of.value, name.removeprefix("value_"))
        return getattr(of, name)

    return [tuple(value(one, name) for name in names) for one in snapshots]
