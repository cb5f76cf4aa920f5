"""What a broker does in production, short of forgetting everything: it hangs, dies, cleans up, and is meddled with."""

import time
from dataclasses import replace

import pytest
from aiokafka.admin import RecordsToDelete
from prometheus_client import CollectorRegistry

from crm_platform.events import replay
from crm_platform.events.kafka import KafkaOptions, Slot, new_admin, partition_for, stop_quietly
from crm_platform.events.metrics import EventMetrics
from crm_platform.ids import new_id
from crm_platform.testing.waiting import until
from crm_runtime.testing.kafka.disposable import DisposableBroker
from platform_tests.events.support import (
    PARTITIONS,
    TENANT,
    TOPIC,
    Ends,
    log_length,
    order_breaks,
    running,
)

NEVER = 3600.0
LEASE = 3.0


async def test_broker_that_hangs_and_wakes_loses_and_doubles_nothing(shaky: Ends, broker: DisposableBroker) -> None:
    aggregates = [new_id() for _ in range(6)]
    relay = shaky.relay()

    async def gave_up() -> bool:
        return relay.status().state == "failed"

    for aggregate in aggregates:
        await shaky.write(aggregate, 1, 2)
    async with running(relay, shaky.consumer()):
        await shaky.await_effects(12)
        broker.freeze()
        for aggregate in aggregates:
            await shaky.write(aggregate, 3, 4)
        await until(gave_up)
        assert await shaky.unpublished() == 12
        broker.thaw()
        effects = await shaky.await_effects(24)
        await shaky.await_published()
    assert order_breaks(effects) == []
    assert len(effects) == 24
    assert await shaky.epochs() == []


async def test_leader_keeps_the_lead_while_a_slow_broker_lets_it_wait(shaky: Ends, broker: DisposableBroker) -> None:
    patient = replace(shaky, kafka=replace(shaky.kafka, request_timeout=60.0))
    figures = CollectorRegistry()
    first, second = patient.relay(metrics=EventMetrics(figures), lease=LEASE), patient.relay()
    lead_began = 0.0

    async def longer_than_the_lease() -> bool:
        nonlocal lead_began
        if first.status().state != "leader":
            return False
        lead_began = lead_began or time.monotonic()
        return time.monotonic() - lead_began > 2 * LEASE

    await shaky.write(new_id(), 1)
    broker.freeze()
    async with running(first):
        await until(longer_than_the_lease)
        async with running(second):
            broker.thaw()
            await shaky.await_published()
    assert figures.get_sample_value("crm_relay_failures_total") == 0
    assert await log_length(shaky.kafka) == 1


@pytest.mark.kafka
async def test_killed_broker_comes_back_with_all_it_acknowledged(shaky: Ends, broker: DisposableBroker) -> None:
    aggregates = [new_id() for _ in range(6)]
    for aggregate in aggregates:
        await shaky.write(aggregate, 1, 2)
    async with running(shaky.relay(), shaky.consumer()):
        await shaky.await_effects(12)
        await broker.kill()
        for aggregate in aggregates:
            await shaky.write(aggregate, 3)
        await broker.start()
        effects = await shaky.await_effects(18)
        await shaky.await_published()
    assert order_breaks(effects) == []
    assert len(effects) == 18
    assert await shaky.epochs() == []


async def test_running_relay_finds_a_lost_tail_by_what_it_sends_next(shaky: Ends, broker: DisposableBroker) -> None:
    aggregate = new_id()
    await shaky.write(aggregate, *range(1, 6))
    async with running(shaky.relay()):
        await shaky.await_published()
    await broker.save()
    relay = shaky.relay(check=NEVER, inspect=NEVER)

    async def looked_once() -> bool:
        return relay.status().progress_at > 0

    # What is left is of another producer: Apache Kafka takes any sequence number of one that it does not know.
    async with running(relay, shaky.consumer()):
        await until(looked_once)
        await shaky.write(aggregate, 6, 7, 8)
        await shaky.await_effects(8)
        await broker.lose()
        await shaky.write(aggregate, 9)
        await shaky.await_effects(9)
        await shaky.await_published()
        await shaky.await_rows("SELECT 1 FROM consumer_position WHERE epoch = 2")
    assert await shaky.versions(aggregate) == list(range(1, 10))
    assert await shaky.epochs() == [(2, 5)]


async def test_topic_that_was_deleted_is_made_and_filled_again(shaky: Ends) -> None:
    aggregates = [new_id() for _ in range(6)]
    for aggregate in aggregates:
        await shaky.write(aggregate, 1, 2)
    slots = {partition_for(str(aggregate).encode(), PARTITIONS) for aggregate in aggregates}
    async with running(shaky.relay(), shaky.consumer()):
        await shaky.await_effects(12)
        await _delete_topic(shaky.kafka)
        for aggregate in aggregates:
            await shaky.write(aggregate, 3)
        effects = await shaky.await_effects(18)
        await shaky.await_published()
    assert order_breaks(effects) == []
    assert len(effects) == 18
    assert await shaky.epochs() == [(2, 0)] * len(slots)
    assert await log_length(shaky.kafka) >= 18


@pytest.mark.kafka
async def test_records_that_retention_removed_are_no_loss(ends: Ends) -> None:
    old = new_id()
    slot = Slot(TOPIC, partition_for(str(old).encode(), PARTITIONS))
    await (await ends.producer()).execute("INSERT INTO thing VALUES ($1, 5, $2)", old, TENANT)
    await ends.write(old, *range(1, 6))
    async with running(ends.relay()):
        await ends.await_published()
    await _delete_records(ends.kafka, slot, before=3)
    async with running(ends.relay(), ends.consumer()):
        gap = await ends.await_rows("SELECT aggregate_id, last_version, seen_version FROM consumer_gap")
        assert [tuple(row) for row in gap] in ([(old, 0, 4)], [(old, 0, 5)])
        await replay.request_snapshot(await ends.producer(), by="user:1", aggregate_type="thing")
        await ends.await_effects(1)
        await ends.write(old, 6)
        await ends.await_effects(2)
    assert await ends.versions(old) == [5, 6]
    assert await ends.epochs() == []


@pytest.mark.kafka
async def test_log_that_retention_emptied_is_no_loss(ends: Ends) -> None:
    aggregate = new_id()
    slot = Slot(TOPIC, partition_for(str(aggregate).encode(), PARTITIONS))
    await ends.write(aggregate, 1, 2, 3)
    async with running(ends.relay(), ends.consumer()):
        await ends.await_effects(3)
    await _delete_records(ends.kafka, slot, before=3)
    async with running(ends.relay(), ends.consumer()):
        await ends.write(aggregate, 4)
        await ends.await_effects(4)
    assert await ends.versions(aggregate) == [1, 2, 3, 4]
    assert await ends.epochs() == []
    assert await log_length(ends.kafka) == 4, "offsets go on where they were"


async def _delete_topic(kafka: KafkaOptions) -> None:
    admin = await new_admin(kafka)
    try:
        response = await admin.delete_topics([kafka.topic_prefix + TOPIC])
    finally:
        await stop_quietly(admin)
    assert [code for _, code in response.topic_error_codes] == [0]


async def _delete_records(kafka: KafkaOptions, slot: Slot, *, before: int) -> None:
    admin = await new_admin(kafka)
    place = kafka.place(slot)
    try:
        beginnings = await admin.delete_records({place: RecordsToDelete(before_offset=before)})
    finally:
        await stop_quietly(admin)
    assert beginnings == {place: before}
