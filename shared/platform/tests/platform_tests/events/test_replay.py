from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from crm_platform.events import replay
from crm_platform.events.subscriptions import Subscription
from crm_platform.ids import new_id
from crm_platform.testing.waiting import until
from platform_tests.events.support import (
    OTHER_TENANT,
    OTHER_TOPIC,
    TENANT,
    TOPIC,
    Ends,
    log_length,
    note_effect,
    running,
)


async def finish(ends: Ends, request_id: int) -> replay.ReplayRequest:
    """Wait until a request is done and all is published."""

    async def done() -> replay.ReplayRequest | None:
        requests = await replay.list_requests(await ends.producer())
        return next((one for one in requests if one.id == request_id and one.status != "pending"), None)

    request: replay.ReplayRequest = await until(done)
    await ends.await_published()
    return request


async def publish(ends: Ends) -> None:
    async with running(ends.relay()):
        await ends.await_published()


async def lose(ends: Ends, aggregate: UUID, *versions: int) -> None:
    """Let events look published without any broker having seen them."""
    await (await ends.producer()).execute(
        "UPDATE outbox SET published_at = now() WHERE aggregate_id = $1 AND version = ANY($2::int[])",
        aggregate,
        list(versions),
    )


async def test_gap_is_shown_and_closed_by_a_replay(ends: Ends) -> None:
    holey, whole = new_id(), new_id()
    await ends.write(holey, 1, 2, 3, 4, 5)
    await ends.write(whole, 1, 2)
    await lose(ends, holey, 3)
    async with running(ends.relay(), ends.consumer()):
        gap = await ends.await_rows("SELECT aggregate_id, last_version, seen_version FROM consumer_gap")
        await ends.await_effects(4)
        assert [tuple(row) for row in gap] in ([(holey, 2, 4)], [(holey, 2, 5)])
        assert await ends.versions(holey) == [1, 2]
        request = await replay.request_replay(await ends.producer(), by="user:1", aggregate_id=holey, from_version=3)
        assert (await finish(ends, request)).rows == 3
        await ends.await_effects(7)
    assert await ends.versions(holey) == [1, 2, 3, 4, 5]
    assert await ends.versions(whole) == [1, 2]
    assert await ends.fetch("SELECT 1 FROM consumer_gap") == []


async def test_replay_of_a_topic(ends: Ends) -> None:
    await ends.write(new_id(), 1, 2, 3)
    await ends.write(new_id(), 1, topic=OTHER_TOPIC)
    await publish(ends)
    request = await replay.request_replay(await ends.producer(), by="user:1", topic=TOPIC)
    async with running(ends.relay()):
        assert (await finish(ends, request)).rows == 3
    assert (await log_length(ends.kafka), await log_length(ends.kafka, OTHER_TOPIC)) == (6, 1)


async def test_replay_of_a_time_range_and_of_a_tenant(ends: Ends) -> None:
    aggregate, foreign = new_id(), new_id()
    await ends.write(aggregate, 1, 2, 3, 4)
    await ends.write(foreign, 1, tenant=OTHER_TENANT)
    connection = await ends.producer()
    await connection.execute(
        "UPDATE outbox SET occurred_at = '2026-01-01T00:00Z'::timestamptz + version * interval '1h'"
    )
    await publish(ends)
    since, until = (datetime.fromisoformat(f"2026-01-01T{hour}:00+00:00") for hour in ("02", "04"))
    by_time = await replay.request_replay(connection, by="user:1", since=since, until=until)
    by_tenant = await replay.request_replay(connection, by="user:1", tenant_id=OTHER_TENANT)
    async with running(ends.relay()):
        assert (await finish(ends, by_time)).rows == 2
        assert (await finish(ends, by_tenant)).rows == 1
    again = await connection.fetch('SELECT version FROM outbox WHERE "offset" >= 4 AND aggregate_id = $1', aggregate)
    assert sorted(row[0] for row in again) == [2, 3]


async def test_replay_goes_on_in_portions_while_events_are_written(ends: Ends) -> None:
    aggregates = [new_id() for _ in range(3)]
    count = replay.PORTION
    for aggregate in aggregates:
        await ends.write(aggregate, *range(1, count + 1))
    await lose(ends, aggregates[0], 1)
    async with running(ends.relay(), ends.consumer()):
        await ends.await_published()
        await ends.await_rows("SELECT 1 FROM consumer_gap WHERE seen_version = $1", count)
        request = await replay.request_replay(await ends.producer(), by="user:1", topic=TOPIC)
        for version in range(count + 1, count + 21):
            await ends.write(aggregates[0], version)
        assert (await finish(ends, request)).rows >= 3 * count
        await ends.await_rows("SELECT 1 FROM consumer_gate WHERE version = $1", count + 20)
    assert await ends.versions(aggregates[0]) == list(range(1, count + 21))
    assert await ends.versions(aggregates[1]) == list(range(1, count + 1))
    assert await ends.fetch("SELECT 1 FROM consumer_gap") == []


async def test_cancelled_request_is_left_alone(ends: Ends) -> None:
    await ends.write(new_id(), 1)
    await publish(ends)
    request = await replay.request_replay(await ends.producer(), by="user:1", topic=TOPIC)
    assert await replay.cancel_request(await ends.producer(), request)
    assert not await replay.cancel_request(await ends.producer(), request)
    await ends.write(new_id(), 1, topic=OTHER_TOPIC)
    await publish(ends)
    assert await log_length(ends.kafka) == 1


async def remember(ends: Ends, *things: tuple[UUID, int, UUID]) -> None:
    await (await ends.producer()).executemany("INSERT INTO thing VALUES ($1, $2, $3)", things)


async def test_consumer_without_history_starts_from_snapshots(ends: Ends) -> None:
    old, recent, foreign = new_id(), new_id(), new_id()
    await remember(ends, (old, 57, TENANT), (recent, 2, TENANT), (foreign, 9, OTHER_TENANT))
    await ends.write(recent, 1, 2)
    seen: list[tuple[Any, ...]] = []

    async def take(connection: Any, record: Any) -> None:
        seen.append((record.aggregate_id, record.type, record.version, record.snapshot))
        await note_effect(connection, record)

    handlers = {"thing.changed": take, "thing.snapshot": take}
    async with running(ends.relay(), ends.consumer(Subscription(topics=[TOPIC], handlers=handlers))):
        await ends.await_effects(2)
        request = await replay.request_snapshot(await ends.producer(), by="user:1", aggregate_type="thing")
        assert (await finish(ends, request)).rows == 3
        await ends.await_effects(4)
        await ends.write(old, 58)
        await ends.write(foreign, 10, tenant=OTHER_TENANT)
        await ends.await_effects(6)
    assert await ends.versions(old) == [57, 58]
    assert await ends.versions(recent) == [1, 2]
    assert await ends.versions(foreign) == [9, 10]
    assert (old, "thing.snapshot", 57, True) in seen
    tenants = await ends.fetch("SELECT DISTINCT tenant_id FROM effect WHERE aggregate_id = $1", foreign)
    assert [row[0] for row in tenants] == [OTHER_TENANT]


@pytest.mark.parametrize("repeats", [False, True])
async def test_only_who_keeps_copies_gets_a_state_that_is_known_already(ends: Ends, repeats: bool) -> None:
    known, later = new_id(), new_id()
    await remember(ends, (known, 2, TENANT), (later, 1, TENANT))
    await ends.write(known, 1, 2)
    handlers = {"thing.changed": note_effect, "thing.snapshot": note_effect}
    subscription = Subscription(topics=[TOPIC], handlers=handlers, repeats=repeats)
    async with running(ends.relay(), ends.consumer(subscription)):
        await ends.await_effects(2)
        await finish(ends, await replay.request_snapshot(await ends.producer(), by="user:1", aggregate_type="thing"))
        await ends.write(known, 3)
        await ends.await_effects(5 if repeats else 4)
    assert await ends.versions(known) == ([1, 2, 2, 3] if repeats else [1, 2, 3])
    assert await ends.versions(later) == [1]


async def test_snapshots_can_be_asked_for_again(ends: Ends) -> None:
    thing = new_id()
    await remember(ends, (thing, 3, TENANT))
    async with running(ends.relay()):
        for _ in range(2):
            request = await replay.request_snapshot(
                await ends.producer(), by="user:1", aggregate_type="thing", tenant_id=TENANT
            )
            await finish(ends, request)
    assert await log_length(ends.kafka) == 2


async def test_snapshot_closes_a_gap(ends: Ends) -> None:
    thing = new_id()
    await ends.write(thing, 1, 2, 3)
    await lose(ends, thing, 2)
    await remember(ends, (thing, 3, TENANT))
    async with running(ends.relay(), ends.consumer()):
        await ends.await_rows("SELECT 1 FROM consumer_gap")
        await replay.request_snapshot(await ends.producer(), by="user:1", aggregate_type="thing")
        await ends.await_effects(2)
        await ends.write(thing, 4)
        await ends.await_effects(3)
    assert await ends.versions(thing) == [1, 3, 4]
    assert await ends.fetch("SELECT 1 FROM consumer_gap") == []


async def test_snapshot_of_an_unknown_kind_fails_with_the_reason(ends: Ends) -> None:
    async with running(ends.relay()):
        request = await replay.request_snapshot(await ends.producer(), by="user:1", aggregate_type="nothing")
        failed = await finish(ends, request)
    assert (failed.status, failed.error) == ("failed", "no snapshots of 'nothing' here; known: ['thing']")
