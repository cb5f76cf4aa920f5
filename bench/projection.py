"""What a projection costs that counts every event exactly once, beside a bare COPY: `make bench B=projection`.

In turn: the statements of the projection alone (version gates, position and facts in one transaction, of states that
are in memory), COPY of facts of the same shape into the same table with its indexes, and the whole consumer of
analytics-svc, for which events go through a relay and a broker. Figures are CPU µs per fact of the process and of the
database together; the broker's is left out. The row is about the statements, as the limit it is held against was
measured (ADR 0017); what fetching, decoding and checking events adds stands in its figures.
"""

import logging
import os
from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
import psutil
import structlog
import uvloop

from analytics_svc.facts.consumers import PROJECTIONS
from analytics_svc.facts.models import opportunities
from analytics_svc.slices import SERVICE
from bench.measure import ROUNDS, Row, Samples, show
from bench.pipeline import TENANT, Pipeline, columns, fill, opportunity, pipeline, rate, running, taken
from crm_platform.db import Connection
from crm_platform.db.database import connect_dedicated
from crm_platform.dispatch import service_registry
from crm_platform.events import positions
from crm_platform.events.consumer import Consumer
from crm_platform.events.gate_store import advance_gates, lock_gates
from crm_platform.events.kafka import Slot
from crm_platform.events.rewind import Reach
from crm_platform.events.settings import ConsumerSettings
from crm_platform.events.wire import GateKey
from crm_platform.ids import new_id
from crm_platform.observability.tracing import Tracer
from crm_platform.settings import TraceSettings
from crm_platform.settling import settle_in

EVENTS = 10_000
BATCH = ConsumerSettings().batch_records


class Bench:
    """One run."""

    def __init__(self, on: Pipeline, sales: Any, facts: Any) -> None:
        self._on = on
        self._sales = sales
        self._facts = facts
        self._samples = Samples()
        self._names = [column.name for column in opportunities.columns]

    async def run(self) -> list[Row]:
        """Measure; returns the row."""
        for number in range(1, ROUNDS + 1):
            await self._publish()
            await self._facts.execute("TRUNCATE opportunities")
            await self._project(number * EVENTS)
            await self._facts.execute("TRUNCATE opportunities")
            await self._state()
            await self._facts.execute("TRUNCATE opportunities")
            await self._copy()
        found = self._samples
        whole = f"with fetching, decoding, checking {found['project']:.0f} µs (database {found['database']:.0f})"
        return [
            Row(
                work="projection, exactly once (its statements)",
                beside="COPY of the facts",
                value=found.ratio("copy", "state"),
                must=0.20,
                goal=0.30,
                at_least=True,
                figures=f"CPU {found['state']:.0f} µs, {found['copy']:.0f} µs; {whole}, {found['rate']:,.0f} events/s",
            )
        ]

    async def _publish(self) -> None:
        async def published() -> int:
            left = await self._sales.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL")
            return EVENTS - int(left)

        await fill(self._sales, EVENTS)
        async with running(self._on.relay()):
            await rate(published, EVENTS)

    async def _project(self, goal: int) -> None:
        registry = service_registry(SERVICE, Tracer(TraceSettings(), "bench"))
        consumer = Consumer(dsn=self._on.analytics, kafka=self._on.kafka, registry=registry)
        database = self._on.database.process
        with (
            self._samples.cpu("project", lambda: EVENTS, *self._own()),
            self._samples.cpu("database", lambda: EVENTS, database),
        ):
            async with running(consumer):
                self._samples.add("rate", await rate(lambda: taken(self._facts), goal))
        assert await self._facts.fetchval("SELECT count(*) FROM opportunities") == EVENTS

    async def _state(self) -> None:
        """The statements of a consumer for states that it has understood already."""
        states = [opportunity(new_id()) for _ in range(EVENTS)]
        rows = [dict(zip(self._names, row, strict=True)) for row in columns(states, self._names)]
        slot, reach = Slot("bench", 0), Reach(0, 0)
        connection = await connect_dedicated(self._on.analytics, name="bench", **{"crm.tenant_id": str(TENANT)})
        try:
            await positions.load(connection, [slot])
            with self._samples.cpu("state", lambda: EVENTS, *self._own()):
                for start in range(0, EVENTS, BATCH):
                    batch = rows[start : start + BATCH]
                    onwards = Reach(reach.next_offset + len(batch), 0, new_id())
                    await _take_in(connection, batch, {slot: positions.Move(reach, onwards)})
                    reach = onwards
            await connection.execute("DELETE FROM consumer_position WHERE topic = $1", slot.topic)
        finally:
            await connection.close()
        assert await self._facts.fetchval("SELECT count(*) FROM opportunities") == EVENTS

    async def _copy(self) -> None:
        rows = columns([opportunity(new_id()) for _ in range(EVENTS)], self._names)
        with self._samples.cpu("copy", lambda: EVENTS, *self._own()):
            await self._facts.copy_records_to_table("opportunities", records=rows, columns=self._names)

    def _own(self) -> tuple[psutil.Process, ...]:
        """This process without what it has started, and the database."""
        return (_Alone(os.getpid()), self._on.database.process)


async def _take_in(
    connection: Connection, rows: Sequence[Mapping[str, Any]], moves: Mapping[Slot, positions.Move]
) -> None:
    """One batch, as the consumer does it."""
    keys = [GateKey("opportunity", row["id"]) for row in rows]
    async with connection.transaction():
        await positions.move(connection, moves, fence=True)
        gates = await lock_gates(connection, keys)
        for key in keys:
            gates[key].version += 1
        await PROJECTIONS["opportunity"].keep(connection, rows)
        await advance_gates(connection, gates, fence=True)


class _Alone(psutil.Process):
    """A process by itself: the broker and the database are children of this one."""

    def children(self, recursive: bool = False) -> list[psutil.Process]:
        """None."""
        del recursive
        return []


async def measure(on: Pipeline) -> list[Row]:
    """Measure with open connections."""
    sales = await connect_dedicated(on.sales, name="bench", **{"crm.system": "on"})
    # PostgreSQL has no COPY for whoever is under row-level security.
    facts = await asyncpg.connect(on.database.admin_url, server_settings={"search_path": SERVICE.package})
    try:
        return await Bench(on, sales, facts).run()
    finally:
        await sales.close()
        await facts.close()


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
