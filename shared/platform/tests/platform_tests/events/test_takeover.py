import signal
from uuid import UUID

import pytest

from crm_platform.events.kafka import Slot
from crm_platform.events.relay import Relay
from crm_platform.ids import new_id
from crm_platform.testing.waiting import until
from platform_tests.events.processes import Nursery
from platform_tests.events.support import (
    PARTITIONS,
    TOPIC,
    Ends,
    log_length,
    order_breaks,
    running,
)


async def write_round(ends: Ends, aggregates: list[UUID], version: int) -> None:
    for aggregate in aggregates:
        await ends.write(aggregate, version)


async def test_two_relays_only_one_leads(ends: Ends) -> None:
    aggregate = new_id()
    await ends.write(aggregate, *range(1, 101))
    first, second = ends.relay(), ends.relay()

    async def settled() -> bool:
        return {first.status().state, second.status().state} == {"leader", "standby"}

    async with running(first, second):
        await ends.await_published()
        await until(settled)
    assert await log_length(ends.kafka) == 100


async def test_control_without_fence_two_relays_publish_twice(ends: Ends) -> None:
    for _ in range(40):
        await ends.write(new_id(), 1)

    async def twice() -> bool:
        await ends.write(new_id(), 1)
        return await log_length(ends.kafka) > int(await (await ends.producer()).fetchval("SELECT count(*) FROM outbox"))

    async with running(ends.relay(fence=False), ends.relay(fence=False)):
        await until(twice)


async def test_standby_leads_after_a_clean_stop(ends: Ends) -> None:
    first, second = ends.relay(), ends.relay()

    async def leads(relay: Relay) -> bool:
        return relay.status().state == "leader"

    async with running(second):
        await until(lambda: leads(second))
        async with running(first):
            await until(lambda: _is(first, "standby"))
    assert second.status().state == "stopped"
    async with running(first):
        await until(lambda: leads(first))


async def _is(relay: Relay, state: str) -> bool:
    return relay.status().state == state


async def test_killed_consumer_is_replaced(ends: Ends, nursery: Nursery) -> None:
    aggregates = [new_id() for _ in range(12)]
    async with running(ends.relay()):
        async with nursery.victim(ends, "consumer") as process:
            await write_round(ends, aggregates, 1)
            await ends.await_effects(12)
            process.signal(signal.SIGKILL)
            await write_round(ends, aggregates, 2)
        async with running(ends.consumer()):
            effects = await ends.await_effects(24)
    assert order_breaks(effects) == []


@pytest.mark.parametrize("point", ["consumer.after_effects_before_commit", "consumer.after_commit"])
async def test_frozen_consumer_is_replaced_and_comes_back(ends: Ends, nursery: Nursery, point: str) -> None:
    aggregates = [new_id() for _ in range(12)]
    spare = ends.consumer()

    async def shared() -> bool:
        return len(spare.status().partitions) == 3 * PARTITIONS // 2

    async with running(ends.relay()), nursery.victim(ends, "consumer", crashpoint=f"{point}:2:freeze") as process:
        await write_round(ends, aggregates, 1)
        await ends.await_effects(12)
        await write_round(ends, aggregates, 2)
        await process.frozen()
        async with running(spare):
            await ends.await_effects(24)
            process.signal(signal.SIGCONT)
            await write_round(ends, aggregates, 3)
            await ends.await_effects(36)
            await until(shared)
            await write_round(ends, aggregates, 4)
            effects = await ends.await_effects(48)
    assert order_breaks(effects) == []
    assert len(effects) == 48


async def test_relay_frozen_after_the_acknowledgement_marks_nothing(ends: Ends, nursery: Nursery) -> None:
    aggregate = new_id()
    await ends.write(aggregate, 1, 2)
    async with nursery.victim(ends, "relay", crashpoint="relay.after_ack_before_mark:1:freeze") as process:
        await process.frozen()
        async with running(ends.relay(), ends.consumer()):
            await ends.await_published()
            await ends.write(aggregate, 3)
            await ends.await_published()
            marked = await (await ends.producer()).fetch('SELECT version, "offset" FROM outbox ORDER BY id')
            process.signal(signal.SIGCONT)
            await ends.write(aggregate, 4)
            await ends.await_effects(4)
    assert await ends.versions(aggregate) == [1, 2, 3, 4]
    assert [tuple(row) for row in marked] == [(1, 2), (2, 3), (3, 4)], "the frozen one's copies come first"
    unchanged = await (await ends.producer()).fetch(
        'SELECT version, "offset" FROM outbox WHERE version < 4 ORDER BY id'
    )
    assert unchanged == marked


async def test_relay_frozen_before_sending_sends_nothing_when_it_wakes(ends: Ends, nursery: Nursery) -> None:
    aggregate = new_id()
    await ends.write(aggregate, 1, 2)
    async with nursery.victim(ends, "relay", crashpoint="relay.after_fetch_before_send:1:freeze") as process:
        await process.frozen()
        async with running(ends.relay()):
            await ends.await_published()
            process.signal(signal.SIGCONT)
            await ends.write(aggregate, 3)
            await ends.await_published()

            async def connected_again() -> bool:
                sessions = (
                    "SELECT count(*) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND application_name = 'crm-relay'"
                )
                return int(await (await ends.producer()).fetchval(sessions)) == 2

            await until(connected_again)
    assert await log_length(ends.kafka) == 3


async def test_instances_share_partitions_fairly_and_give_back(ends: Ends) -> None:
    first, second, third = ends.consumer(), ends.consumer(), ends.consumer()
    everything = {Slot(topic, number) for topic in ends.registry().topics for number in range(PARTITIONS)}

    async def shares(*counts: int) -> bool:
        held = [len(consumer.status().partitions) for consumer in (first, second, third)]
        return sorted(held) == sorted(counts)

    async with running(first):
        await until(lambda: shares(18, 0, 0))
        async with running(second, third):
            await until(lambda: shares(6, 6, 6))
            held = [slot for consumer in (first, second, third) for slot in consumer.status().partitions]
            assert len(held) == len(set(held))
            assert set(held) == everything
        await until(lambda: shares(18, 0, 0))
    assert TOPIC in {slot.topic for slot in everything}


async def test_control_without_fence_copies_take_effect_twice(ends: Ends) -> None:
    aggregate = new_id()
    await ends.write(aggregate, 1, 2)
    async with running(ends.relay(), ends.consumer(fence=False)):
        await ends.await_effects(2)
        await (await ends.producer()).execute("UPDATE outbox SET published_at = NULL")
        await ends.await_effects(4)
    assert await ends.versions(aggregate) == [1, 2, 1, 2]
