from dataclasses import replace

from prometheus_client import CollectorRegistry

from crm_platform.events.metrics import EventMetrics
from crm_platform.events.relay import Relay
from crm_platform.events.subscriptions import EVERY_TYPE, Subscription
from crm_platform.events.wire import Record
from crm_platform.ids import new_id
from crm_platform.testing.waiting import until
from crm_runtime.testing.kafka.disposable import DisposableBroker
from platform_tests.events.support import (
    FAST_RELAY,
    INBOUND_TOPIC,
    TOPIC,
    Ends,
    inbound_headers,
    order_breaks,
    running,
    send_raw,
)

WIPED = "SELECT 1 FROM consumer_position WHERE epoch = 2"


async def test_wiped_broker_is_refilled_and_consumers_read_again(shaky: Ends, broker: DisposableBroker) -> None:
    aggregates = [new_id() for _ in range(10)]
    for aggregate in aggregates:
        await shaky.write(aggregate, 1, 2, 3)
    async with running(shaky.relay(), shaky.consumer()):
        await shaky.await_effects(30)
        await broker.lose()
        for aggregate in aggregates:
            await shaky.write(aggregate, 4)
        effects = await shaky.await_effects(40)
        await shaky.await_published()
    assert order_breaks(effects) == []
    assert len(effects) == 40
    assert set(await shaky.epochs()) == {(2, 0)}


async def test_published_but_unread_events_survive_a_wiped_broker(shaky: Ends, broker: DisposableBroker) -> None:
    aggregate = new_id()
    await shaky.write(aggregate, *range(1, 21))
    async with running(shaky.relay()):
        await shaky.await_published()
    await broker.lose()
    figures = CollectorRegistry()
    relay = Relay(
        dsn=shaky.producer_dsn,
        kafka=shaky.kafka,
        service="producing-svc",
        topics=[TOPIC],
        settings=FAST_RELAY,
        metrics=EventMetrics(figures),
    )
    async with running(relay, shaky.consumer()):
        await shaky.await_effects(20)
    assert await shaky.versions(aggregate) == list(range(1, 21))
    assert figures.get_sample_value("crm_relay_heals_total", {"topic": TOPIC}) == 1
    assert figures.get_sample_value("crm_relay_healed_rows_total", {"topic": TOPIC}) == 20


async def test_control_without_healing_the_same_events_are_lost(shaky: Ends, broker: DisposableBroker) -> None:
    lost, later = new_id(), new_id()
    await shaky.write(lost, *range(1, 21))
    async with running(shaky.relay(heal=False)):
        await shaky.await_published()
    await broker.lose()
    async with running(shaky.relay(heal=False), shaky.consumer()):
        await shaky.write(lost, 21)
        await shaky.write(later, 1)
        await shaky.await_rows("SELECT 1 FROM consumer_gap WHERE seen_version = 21")
        await shaky.await_effects(1)
        await shaky.await_published()
    assert await shaky.effects() == [(later, 1)]


async def test_lost_tail_is_found_exactly(shaky: Ends, broker: DisposableBroker) -> None:
    aggregate = new_id()
    await shaky.write(aggregate, *range(1, 8))
    async with running(shaky.relay(), shaky.consumer()):
        await shaky.await_effects(7)
        await broker.save()
        await shaky.write(aggregate, *range(8, 13))
        await shaky.await_effects(12)
        await broker.lose()
        await shaky.write(aggregate, 13)
        await shaky.await_effects(13)
        await shaky.await_rows(WIPED)
    assert await shaky.versions(aggregate) == list(range(1, 14))
    assert await shaky.epochs() == [(2, 7)]


async def test_lost_tail_that_grew_again_is_found_by_the_event_ids(shaky: Ends, broker: DisposableBroker) -> None:
    aggregate = new_id()
    await shaky.write(aggregate, *range(1, 6))
    async with running(shaky.relay()):
        await shaky.await_published()
    await broker.save()
    await shaky.write(aggregate, *range(6, 11))
    async with running(shaky.relay()):
        await shaky.await_published()
    await broker.lose()
    # Somebody else fills the log beyond the acknowledged end before the relay looks.
    stranger = inbound_headers("x", "thing.changed", subject="x")
    await send_raw(shaky.kafka, TOPIC, *((str(aggregate), stranger | {"ce_id": f"x{n}"}, b"{}") for n in range(9)))
    async with running(shaky.relay(), shaky.consumer(_things())):
        await shaky.await_rows("SELECT 1 FROM consumer_gate WHERE version = 10")
    assert await shaky.epochs() == [(2, 5)]


async def test_consumer_that_slept_through_two_losses_gets_everything(shaky: Ends, broker: DisposableBroker) -> None:
    aggregate = new_id()
    await shaky.write(aggregate, *range(1, 7))
    async with running(shaky.relay(), shaky.consumer()):
        await shaky.await_effects(6)
    await broker.save()
    for first in (7, 9):
        await shaky.write(aggregate, first, first + 1)
        async with running(shaky.relay()):
            await shaky.await_published()
        await broker.lose()
    async with running(shaky.relay()):
        await shaky.write(aggregate, 11)
        await shaky.await_published()

        async def healed() -> bool:
            return await shaky.epochs() == [(2, 6), (3, 6)] and await shaky.unpublished() == 0

        await until(healed)
    async with running(shaky.consumer()):
        await shaky.await_effects(11)
        await shaky.await_rows("SELECT 1 FROM consumer_position WHERE epoch = 3")
    assert await shaky.versions(aggregate) == list(range(1, 12))


async def test_broker_restart_without_loss_is_no_loss(shaky: Ends, broker: DisposableBroker) -> None:
    aggregate = new_id()
    await shaky.write(aggregate, 1, 2)
    async with running(shaky.relay(), shaky.consumer()):
        await shaky.await_effects(2)
        await broker.stop()
        await shaky.write(aggregate, 3)
        await broker.start()
        await shaky.await_effects(3)
    assert await shaky.versions(aggregate) == [1, 2, 3]
    assert await shaky.epochs() == []


async def test_database_older_than_the_broker_is_no_loss(ends: Ends) -> None:
    kept, forgotten = new_id(), new_id()
    await ends.write(kept, 1, 2)
    async with running(ends.relay()):
        await ends.await_published()
    backup = await (await ends.producer()).fetch("SELECT * FROM relay_position")
    await ends.write(kept, 3)
    await ends.write(forgotten, 1)
    async with running(ends.relay()):
        await ends.await_published()
    connection = await ends.producer()
    lost = "version = 3 OR aggregate_id = $1"
    foreign = await connection.fetchval(f"SELECT count(DISTINCT partition) FROM outbox WHERE {lost}", forgotten)
    await connection.execute(f"DELETE FROM outbox WHERE {lost}", forgotten)
    await connection.execute("DELETE FROM relay_position")
    await connection.executemany("INSERT INTO relay_position VALUES ($1, $2, $3, $4)", [tuple(row) for row in backup])
    figures = CollectorRegistry()
    async with running(ends.relay(EventMetrics(figures)), ends.consumer()):
        await ends.write(kept, 3)
        await ends.await_published()
        await ends.await_effects(4)
    assert await ends.epochs() == []
    assert await ends.versions(kept) == [1, 2, 3]
    offsets = await connection.fetch('SELECT "offset" FROM outbox WHERE aggregate_id = $1 ORDER BY version', kept)
    assert offsets[2][0] > offsets[1][0] + 1, "published behind what the broker still had"
    assert figures.get_sample_value("crm_relay_foreign_logs_total", {"topic": TOPIC}) == foreign


async def test_log_of_a_partner_that_was_lost_is_read_from_its_beginning(shaky: Ends, broker: DisposableBroker) -> None:
    seen: list[str] = []

    async def take(_: object, record: Record) -> None:
        seen.append(record.subject)

    def records(*numbers: int) -> list[tuple[str, dict[str, str], bytes]]:
        return [("k", inbound_headers(f"e{n}", "payment.received", subject=f"INV-{n}"), b"{}") for n in numbers]

    async def all_seen() -> bool:
        return len(seen) == 8

    await send_raw(shaky.kafka, INBOUND_TOPIC, *records(1, 2, 3, 4, 5))
    inbound = Subscription(topics=[INBOUND_TOPIC], handlers={EVERY_TYPE: take})
    async with running(shaky.consumer(inbound)):
        await shaky.await_rows("SELECT 1 FROM consumer_position WHERE next_offset = 5")
        await broker.lose()
        await send_raw(shaky.kafka, INBOUND_TOPIC, *records(5, 6, 7, 8))
        await until(all_seen)
    assert seen == [f"INV-{n}" for n in range(1, 9)]


async def test_topic_that_came_back_with_one_partition_is_extended(shaky: Ends, broker: DisposableBroker) -> None:
    aggregates = [new_id() for _ in range(8)]
    for aggregate in aggregates:
        await shaky.write(aggregate, 1)
    async with running(shaky.relay()):
        await shaky.await_published()
    await broker.lose()
    await send_raw(replace(shaky.kafka, partitions=1), TOPIC)
    async with running(shaky.relay(), shaky.consumer()):
        await shaky.await_effects(8)
    assert sorted(await shaky.effects()) == sorted((aggregate, 1) for aggregate in aggregates)


def _things() -> Subscription:
    return Subscription(topics=[TOPIC], handlers={})
