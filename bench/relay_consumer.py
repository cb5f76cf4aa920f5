"""How fast events get from a commit to their effects: `make bench B=relay_consumer`.

A PostgreSQL and a broker of its own (fsync on). Several rounds of: fill an outbox, let the relay drain it, let one
consumer take the events in (a batch handler, one row of effect per event). Then 100 events a second are written, and
the time from the commit to the committed effect is taken, from the intended moment of each write, so that a slow moment
is not left out. These rows are absolute in the design; how fast this machine commits is beside them.
"""

import asyncio
import logging
import statistics
import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import structlog
import uvloop

from bench.measure import ROUNDS, Row, Samples, show
from bench.pipeline import TOPIC, Pipeline, event, fill, pipeline, rate, record, running, taken
from crm_platform.db.database import connect_dedicated
from crm_platform.events.bell import OutboxBell
from crm_platform.events.consumer import Consumer
from crm_platform.events.subscriptions import EVERY_TYPE, Registry, Subscription
from crm_platform.events.wire import Record
from crm_platform.ids import new_id
from crm_platform.settling import settle_in

EVENTS = 10_000
RATE = 100
SECONDS = 8.0
WARM_UP_SECONDS = 2.0


async def note_all(connection: Any, records: Sequence[Record]) -> None:
    """Handle a batch with one statement, as a projection does."""
    await connection.execute("INSERT INTO effect SELECT unnest($1::uuid[])", [record.event_id for record in records])


class Bench:
    """One run."""

    def __init__(self, on: Pipeline, connection: Any) -> None:
        self._on = on
        self._connection = connection
        self._samples = Samples()

    async def run(self) -> list[Row]:
        """Measure; returns the rows."""
        await self._connection.execute("CREATE TABLE effect (event_id uuid PRIMARY KEY)")
        for number in range(1, ROUNDS + 1):
            self._samples.add("fill", EVENTS / await fill(self._connection, EVENTS))
            self._samples.add("drain", await self._drain())
            self._samples.add("consume", await self._consume(number * EVENTS))
        commit, times = await self._latency()
        p50, p99 = statistics.median(times), times[int(len(times) * 0.99)]
        found = self._samples
        limit = f"INSERT into the outbox alone: {found['fill']:,.0f}/s"
        share = "{:.2f} of that".format
        return [
            Row(
                work=f"commit → effect at {RATE} events/s, p99",
                beside="–",
                value=p99,
                must=100,
                goal=50,
                unit=" ms",
                figures=f"p50 {p50:.1f} ms, max {times[-1]:.1f} ms; a commit alone: p50 {commit:.1f} ms",
            ),
            Row(
                work="relay drain",
                beside="–",
                value=found["drain"],
                must=5000,
                goal=10_000,
                at_least=True,
                unit="/s",
                figures=f"{limit}; {share(found.ratio('drain', 'fill'))}",
            ),
            Row(
                work="consume, per process",
                beside="–",
                value=found["consume"],
                must=10_000,
                goal=20_000,
                at_least=True,
                unit="/s",
                figures=f"{limit}; {share(found.ratio('consume', 'fill'))}",
            ),
        ]

    async def _drain(self) -> float:
        async def published() -> int:
            left = await self._connection.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL")
            return EVENTS - int(left)

        async with running(self._on.relay()):
            return await rate(published, EVENTS)

    async def _consume(self, goal: int) -> float:
        async with running(self._consumer(note_all, batch=True)):
            found = await rate(lambda: taken(self._connection), goal)
        assert await self._connection.fetchval("SELECT count(*) FROM effect") == goal
        return found

    async def _latency(self) -> tuple[float, list[float]]:
        """Median ms of a commit alone, and the ms of every event, sorted."""
        bell = OutboxBell(self._on.sales)
        committed: dict[UUID, float] = {}
        taken: dict[UUID, float] = {}
        commits: list[float] = []
        seen: list[UUID] = []

        async def keep(_: Any, told: Record) -> None:
            seen.append(told.event_id)

        def after_commit() -> None:
            taken.update(dict.fromkeys(seen, time.perf_counter()))
            seen.clear()

        async with running(self._on.relay(), self._consumer(keep, after_commit=after_commit)):
            started = time.perf_counter()
            for number in range(int((SECONDS + WARM_UP_SECONDS) * RATE)):
                await asyncio.sleep(max(started + number / RATE - time.perf_counter(), 0))
                row, before = event(new_id()), time.perf_counter()
                await record(self._connection, row)
                committed[row[0]] = time.perf_counter()
                commits.append((committed[row[0]] - before) * 1000)
                bell.ring()

            async def arrived() -> int:
                return len(committed.keys() & taken.keys())

            await rate(arrived, len(committed))
        await bell.close()
        warm = list(committed)[int(WARM_UP_SECONDS * RATE) :]
        return statistics.median(commits), sorted((taken[one] - committed[one]) * 1000 for one in warm)

    def _consumer(self, handler: Any, *, batch: bool = False, **options: Any) -> Consumer:
        subscription = Subscription(topics=[TOPIC], handlers={EVERY_TYPE: handler}, batch=batch)
        return Consumer(dsn=self._on.sales, kafka=self._on.kafka, registry=Registry([subscription]), **options)


async def measure(on: Pipeline) -> list[Row]:
    """Measure with an open connection."""
    connection = await connect_dedicated(on.sales, name="bench", **{"crm.system": "on"})
    try:
        return await Bench(on, connection).run()
    finally:
        await connection.close()


def rows() -> list[Row]:
    """Start, measure, stop."""
    with pipeline() as on:
        settle_in()  # as workers do
        return uvloop.run(measure(on))


def main() -> None:
    """Measure and print."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    show(rows())


if __name__ == "__main__":
    main()
