import asyncio
import random
from collections.abc import Sequence
from uuid import UUID

import asyncpg
from prometheus_client import CollectorRegistry

from crm_platform.events.bell import OutboxBell
from crm_platform.events.kafka import partition_for
from crm_platform.events.metrics import EventMetrics
from crm_platform.events.subscriptions import EVERY_TYPE, Subscription
from crm_platform.events.wire import Record
from crm_platform.ids import new_id
from crm_platform.testing.waiting import until
from platform_tests.events.support import (
    INBOUND_TOPIC,
    OTHER_TENANT,
    PARTITIONS,
    TENANT,
    TOPIC,
    Ends,
    inbound_headers,
    note_effect,
    order_breaks,
    running,
    send_raw,
)


async def test_concurrent_writers_and_rollbacks(ends: Ends) -> None:
    aggregates = [new_id() for _ in range(12)]
    committed: list[tuple[UUID, int]] = []
    rows = [(aggregate, TENANT) for aggregate in aggregates]
    await (await ends.producer()).executemany("INSERT INTO thing VALUES ($1, 0, $2)", rows)

    async def write(seed: int) -> None:
        dice = random.Random(seed)  # noqa: S311
        connection = await asyncpg.connect(ends.producer_dsn)
        await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=str, decoder=str)
        await connection.execute(f"SET crm.tenant_id = '{TENANT}'")
        bell = OutboxBell(ends.producer_dsn)
        for _ in range(40):
            aggregate = dice.choice(aggregates)
            change = connection.transaction()
            await change.start()
            version = await connection.fetchval(
                "UPDATE thing SET version = version + 1 WHERE id = $1 RETURNING version", aggregate
            )
            await connection.execute(
                "INSERT INTO outbox (event_id, aggregate_type, aggregate_id, version, type, topic, payload)"
                " VALUES ($1, 'thing', $2, $3, 'thing.changed', $4, '{}')",
                new_id(),
                aggregate,
                version,
                TOPIC,
            )
            if dice.random() < 0.2:
                await change.rollback()
                continue
            await change.commit()
            committed.append((aggregate, version))
            bell.ring()
        await bell.close()
        await connection.close()

    async with running(ends.relay(), ends.relay(), ends.consumer(), ends.consumer()):
        await asyncio.gather(*(write(seed) for seed in range(6)))
        effects = await ends.await_effects(len(committed))
        await ends.await_published()
    assert order_breaks(effects) == []
    assert sorted(effects) == sorted(committed)


async def test_handlers_run_under_the_tenant_of_the_event(ends: Ends) -> None:
    for number in range(6):
        await ends.write(new_id(), 1, tenant=OTHER_TENANT if number % 2 else TENANT)
    async with running(ends.relay(), ends.consumer()):
        await ends.await_effects(6)
    rows = await ends.fetch("SELECT tenant_id, count(*) FROM effect GROUP BY 1 ORDER BY 1")
    assert [tuple(row) for row in rows] == [(TENANT, 3), (OTHER_TENANT, 3)]


async def test_rows_know_where_they_went(ends: Ends) -> None:
    aggregate = new_id()
    await ends.write(aggregate, 1, 2, 3)
    async with running(ends.relay()):
        await ends.await_published()
    rows = await (await ends.producer()).fetch('SELECT partition, "offset", epoch FROM outbox ORDER BY id')
    partition = partition_for(str(aggregate).encode(), PARTITIONS)
    assert [tuple(row) for row in rows] == [(partition, 0, 1), (partition, 1, 1), (partition, 2, 1)]
    positions = await (await ends.producer()).fetch("SELECT topic, partition, next_offset FROM relay_position")
    assert [tuple(row) for row in positions] == [(TOPIC, partition, 3)]


async def test_record_carries_every_attribute(ends: Ends) -> None:
    seen: list[Record] = []

    async def keep(_: object, record: Record) -> None:
        seen.append(record)

    aggregate, cause = new_id(), new_id()
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    await ends.write(aggregate, 1, causation_id=str(cause), origin="erp", traceparent=trace)

    async def arrived() -> bool:
        return bool(seen)

    async with running(ends.relay(), ends.consumer(Subscription(topics=[TOPIC], handlers={"thing.changed": keep}))):
        await until(arrived)
    record = seen[0]
    assert (record.type, record.source, record.topic) == ("thing.changed", "/crm/producing-svc", TOPIC)
    assert (record.aggregate_type, record.aggregate_id, record.version) == ("thing", aggregate, 1)
    assert (record.tenant_id, record.causation_id, record.origin) == (TENANT, cause, "erp")
    assert (record.actor, record.traceparent, record.snapshot) == ("user:1", trace, False)
    assert record.data == {"state": {"version": 1}, "changed": ["version"], "reason": None}


async def test_unknown_types_pass_and_are_counted(ends: Ends) -> None:
    aggregate = new_id()
    await ends.write(aggregate, 1, type_="thing.invented")
    await ends.write(aggregate, 2)
    figures = CollectorRegistry()
    known = Subscription(topics=[TOPIC], handlers={"thing.changed": note_effect})
    async with running(ends.relay(), ends.consumer(known, metrics=EventMetrics(figures))):
        assert await ends.await_effects(1) == [(aggregate, 2)]
    assert figures.get_sample_value("crm_consumer_unknown_types_total", {"topic": TOPIC}) == 1
    assert [tuple(row) for row in await ends.fetch("SELECT version FROM consumer_gate")] == [(2,)]


async def test_batch_handler_gets_the_events_of_one_tenant_in_order(ends: Ends) -> None:
    calls: list[tuple[UUID, list[tuple[UUID, int]]]] = []
    first, second, foreign = new_id(), new_id(), new_id()

    async def project(connection: asyncpg.Connection, records: Sequence[Record]) -> None:
        tenant = await connection.fetchval("SELECT current_setting('crm.tenant_id')::uuid")
        calls.append((tenant, [(record.aggregate_id, record.version) for record in records]))
        for record in records:
            await note_effect(connection, record)

    await ends.write(first, 1, 2)
    await ends.write(second, 1, type_="thing.created")
    await ends.write(foreign, 1, tenant=OTHER_TENANT)
    await ends.write(first, 3, 4)
    handlers = {"thing.changed": project, "thing.created": project}
    async with running(ends.relay(), ends.consumer(Subscription(topics=[TOPIC], handlers=handlers, batch=True))):
        effects = await ends.await_effects(6)
    assert order_breaks(effects) == []
    assert {tenant for tenant, _ in calls} == {TENANT, OTHER_TENANT}
    assert all((tenant == OTHER_TENANT) == (foreign in dict(events)) for tenant, events in calls)


async def test_every_subscription_to_a_topic_gets_the_event(ends: Ends) -> None:
    aggregate = new_id()
    await ends.write(aggregate, 1)
    one = Subscription(topics=[TOPIC], handlers={"thing.changed": note_effect})
    other = Subscription(topics=[TOPIC], handlers={EVERY_TYPE: note_effect})
    async with running(ends.relay(), ends.consumer(one, other)):
        assert await ends.await_effects(2) == [(aggregate, 1), (aggregate, 1)]


async def test_events_without_version_take_effect_once(ends: Ends) -> None:
    seen: list[tuple[str, str]] = []

    async def take(_: object, record: Record) -> None:
        seen.append((record.subject, record.type))

    payment = inbound_headers("pay-1", "payment.received", subject="INV-7")
    other = inbound_headers("pay-2", "payment.received", subject="INV-8")
    await send_raw(
        ends.kafka, INBOUND_TOPIC, *(("INV-7", headers, b"{}") for headers in (payment, payment, other, payment))
    )
    async with running(ends.consumer(Subscription(topics=[INBOUND_TOPIC], handlers={EVERY_TYPE: take}))):
        await ends.await_rows("SELECT 1 FROM consumer_position WHERE next_offset = 4")
    assert seen == [("INV-7", "payment.received"), ("INV-8", "payment.received")]


async def test_duplicates_on_the_wire_have_no_effect(ends: Ends) -> None:
    aggregate = new_id()
    await ends.write(aggregate, 1, 2, 3)
    async with running(ends.relay(), ends.consumer()):
        await ends.await_effects(3)
        await (await ends.producer()).execute("UPDATE outbox SET published_at = NULL")
        await ends.await_published()
        await ends.write(aggregate, 4)
        await ends.await_effects(4)
    assert await ends.versions(aggregate) == [1, 2, 3, 4]
    assert len(await ends.fetch("SELECT 1 FROM consumer_position WHERE next_offset = 7")) == 1


async def test_own_events_of_a_handler_commit_with_its_effects(ends: Ends) -> None:
    aggregate, answer = new_id(), new_id()
    failed = False

    async def answer_once_it_works(connection: asyncpg.Connection, record: Record) -> None:
        nonlocal failed
        await note_effect(connection, record)
        await ends.write(answer, 1, connection=connection)
        if not failed:
            failed = True
            raise RuntimeError("after the writes")

    await ends.write(aggregate, 1)
    once = Subscription(topics=[TOPIC], handlers={"thing.changed": answer_once_it_works})
    async with running(ends.relay(), ends.consumer(once)):
        await ends.await_effects(1)
    rows = await ends.fetch("SELECT aggregate_id FROM outbox")
    assert [row[0] for row in rows] == [answer]
    assert await ends.versions(aggregate) == [1]


async def test_a_consumer_that_handles_slowly_is_not_taken_for_one_that_gets_nothing(ends: Ends) -> None:
    aggregate = new_id()
    await ends.write(aggregate, *range(1, 31))
    figures = CollectorRegistry()

    async def handle(connection: asyncpg.Connection, record: Record) -> None:
        await connection.execute("SELECT pg_sleep(0.1)")
        await note_effect(connection, record)

    # A batch takes twice as long as the watchdog waits for records.
    slow = Subscription(topics=[TOPIC], handlers={EVERY_TYPE: handle})
    consumer = ends.consumer(slow, metrics=EventMetrics(figures), batch_records=10, watchdog=0.5)
    async with running(ends.relay(), consumer):
        await ends.await_effects(30)
    assert await ends.versions(aggregate) == list(range(1, 31))
    assert figures.get_sample_value("crm_consumer_failures_total") == 0
