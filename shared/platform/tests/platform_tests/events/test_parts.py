import asyncio
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Self
from uuid import UUID

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient
from prometheus_client import CollectorRegistry

from crm_platform.events.bell import OutboxBell
from crm_platform.events.group_offsets import GroupOffsets
from crm_platform.events.kafka import KafkaOptions, Slot, TopicMismatchError, ensure_topics, partition_for
from crm_platform.events.metrics import EventMetrics
from crm_platform.events.retention import Retention, RetentionSettings
from crm_platform.events.supervise import Backoff, describe_tasks, keep_running, wait_any
from crm_platform.events.worker import EventsWorker, events_worker
from crm_platform.ids import new_id
from crm_platform.testing.waiting import until
from platform_tests.events.processes import Nursery
from platform_tests.events.support import (
    FAST_CONSUMER,
    FAST_RELAY,
    PARTITIONS,
    PRODUCER,
    READER,
    TOPIC,
    Ends,
    running,
)


class Listener:
    """Counts the notifications of the publishing service's outbox."""

    def __init__(self, dsn: str, schema: str) -> None:
        self._dsn, self._channel = dsn, f"outbox_{schema}"
        self.heard = 0

    async def __aenter__(self) -> Self:
        self._connection = await asyncpg.connect(self._dsn)
        await self._connection.add_listener(self._channel, self._count)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._connection.close()

    def _count(self, *_: object) -> None:
        self.heard += 1

    async def hears(self, count: int) -> None:
        async def heard() -> bool:
            return self.heard >= count

        await until(heard)


async def test_bell_sends_one_notify_for_many_rings(ends: Ends) -> None:
    bell = OutboxBell(ends.producer_dsn, interval=0.2)
    async with Listener(ends.producer_dsn, PRODUCER) as here, Listener(ends.producer_dsn, READER) as elsewhere:
        for _ in range(200):
            bell.ring()
            await asyncio.sleep(0)
        await here.hears(1)
        bell.ring()
        bell.ring()
        await here.hears(2)
        assert (here.heard, elsewhere.heard) == (2, 0)
    await bell.close()


async def test_bell_outlives_its_connection(ends: Ends) -> None:
    bell = OutboxBell(ends.producer_dsn)
    async with Listener(ends.producer_dsn, PRODUCER) as listener:
        bell.ring()
        await listener.hears(1)
        kill = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = 'outbox-bell'"
        )
        await (await ends.producer()).execute(kill)

        async def heard_again() -> bool:
            bell.ring()
            return listener.heard > 1

        await until(heard_again)
    await bell.close()


@pytest.mark.parametrize("turns", range(4))
async def test_bell_survives_a_ring_between_the_last_words_of_its_session_and_its_end(ends: Ends, turns: int) -> None:
    bell = OutboxBell(ends.producer_dsn)

    async def end_session() -> None:
        connection = await asyncpg.connect(ends.producer_dsn)
        await connection.fetch(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = 'outbox-bell'"
        )
        await connection.close()

    async with Listener(ends.producer_dsn, PRODUCER) as listener:
        bell.ring()
        await listener.hears(1)
        # While this event loop stands still, so that the bell rings before it has learned of the end.
        with ThreadPoolExecutor() as elsewhere:
            elsewhere.submit(asyncio.run, end_session()).result()
        for _ in range(turns):
            await asyncio.sleep(0)
        bell.ring()
        for _ in range(100):
            await asyncio.sleep(0)
        await bell.close()
        bell.ring()
        await listener.hears(2)
    await bell.close()


async def test_bell_without_a_database_is_quiet() -> None:
    bell = OutboxBell("postgresql://nobody@127.0.0.1:1/nothing")
    bell.ring()
    bell.ring()
    await bell.close()
    bell.ring()
    await bell.close()


async def test_topic_with_more_partitions_is_refused(kafka: KafkaOptions) -> None:
    await ensure_topics(replace(kafka, partitions=3), [TOPIC])
    with pytest.raises(TopicMismatchError, match="should be 2"):
        await ensure_topics(replace(kafka, partitions=2), [TOPIC])
    await ensure_topics(replace(kafka, partitions=3), [TOPIC])


async def test_rows_that_cannot_be_sent_are_reported_and_do_not_block(ends: Ends) -> None:
    await ends.write(new_id(), 1, topic="crm.nobody.v1")
    await ends.write(new_id(), 1)
    await (await ends.producer()).execute(
        "UPDATE outbox SET payload = decode(repeat('20', 950000), 'hex') WHERE id = 2"
    )
    good = new_id()
    await ends.write(good, 1)
    relay = ends.relay()

    async def reported() -> bool:
        return relay.status().stuck_rows == 2

    async with running(relay, ends.consumer()):
        assert await ends.await_effects(1) == [(good, 1)]
        await until(reported)


async def test_large_payloads_are_published_in_bounded_batches(ends: Ends) -> None:
    aggregates = [new_id() for _ in range(20)]
    for aggregate in aggregates:
        await ends.write(aggregate, 1)
    await (await ends.producer()).execute(
        "UPDATE outbox SET payload = convert_to('{\"state\": \"' || repeat('x', 800000) || '\"}', 'UTF8')"
    )
    async with running(ends.relay(), ends.consumer()):
        effects = await ends.await_effects(20)
    assert sorted(effects) == sorted((aggregate, 1) for aggregate in aggregates)


async def test_retention_removes_what_is_old_and_published(ends: Ends) -> None:
    connection = await ends.producer()
    old, recent, waiting = new_id(), new_id(), new_id()
    await ends.write(waiting, 1)
    await ends.write(old, *range(1, 8))
    await ends.write(recent, 1)
    await connection.execute(
        "UPDATE outbox SET occurred_at = now() - interval '40 days',"
        " published_at = CASE WHEN aggregate_id = $1 THEN NULL ELSE now() - interval '40 days' END"
        " WHERE aggregate_id <> $2",
        waiting,
        recent,
    )
    await connection.execute("UPDATE outbox SET published_at = now() WHERE aggregate_id = $1", recent)
    await connection.execute(
        "INSERT INTO inbox SELECT gen_random_uuid(), now() - interval '100 days' FROM generate_series(1, 7)"
    )
    await connection.execute("INSERT INTO inbox VALUES (gen_random_uuid())")
    retention = Retention(dsn=ends.producer_dsn, settings=RetentionSettings(portion=3))
    removed = await retention.remove_old(connection, asyncio.Event())
    assert removed == {"outbox": 7, "inbox": 7, "dead_letter": 0, "replay_request": 0}
    left = await connection.fetch("SELECT aggregate_id FROM outbox ORDER BY id")
    assert [row[0] for row in left] == [waiting, recent]
    assert await connection.fetchval("SELECT count(*) FROM inbox") == 1


async def test_retention_keeps_pending_letters(ends: Ends) -> None:
    connection = await ends.reader()
    for status in ("pending", "discarded", "redriven"):
        await connection.execute(
            'INSERT INTO dead_letter (dedupe_key, status, topic, partition, "offset", headers, kind,'
            " reason, created_at) VALUES ($1, $1, 't', 0, 0, '{}', 'malformed', 'x', now() - interval '1 year')",
            status,
        )
    settings = RetentionSettings(settled=timedelta(days=1), portion=1)
    removed = await Retention(dsn=ends.reader_dsn, settings=settings).remove_old(connection, asyncio.Event())
    assert removed["dead_letter"] == 2
    assert [row[0] for row in await connection.fetch("SELECT status FROM dead_letter")] == ["pending"]


async def test_positions_are_told_to_kafka(ends: Ends) -> None:
    aggregate = new_id()
    await ends.write(aggregate, 1, 2, 3)
    consumer = ends.consumer()
    group = f"{ends.kafka.topic_prefix}group"
    offsets = GroupOffsets(ends.kafka, group, consumer.positions, interval=0.1)
    place = ends.kafka.place(Slot(TOPIC, partition_for(str(aggregate).encode(), PARTITIONS)))

    async def told() -> bool:
        admin = AIOKafkaAdminClient(bootstrap_servers=ends.kafka.bootstrap)
        await admin.start()
        try:
            found = await admin.list_consumer_group_offsets(group)
        finally:
            await admin.close()
        return bool(place in found and found[place].offset == 3)

    async with running(ends.relay(), consumer, offsets):
        await ends.await_effects(3)
        await until(told)


def worker(ends: Ends, metrics: EventMetrics | None = None) -> EventsWorker:
    """A service that publishes what it also takes in."""
    return events_worker(
        dsn=ends.reader_dsn,
        kafka=ends.kafka,
        service="reading-svc",
        publishes=[TOPIC],
        registry=ends.registry(),
        metrics=metrics,
        relay=FAST_RELAY,
        consumer=FAST_CONSUMER,
    )


async def write_here(ends: Ends, aggregate: UUID, *versions: int) -> None:
    await ends.write(aggregate, *versions, connection=await ends.reader())


async def test_worker_runs_everything_and_shows_its_state(ends: Ends) -> None:
    figures = CollectorRegistry()
    whole = worker(ends, EventMetrics(figures))
    aggregate = new_id()
    await write_here(ends, aggregate, 1, 2)
    slot = {"topic": TOPIC, "partition": str(partition_for(str(aggregate).encode(), PARTITIONS))}

    async def settled() -> bool:
        status = whole.status()
        assert status.relay is not None
        assert status.consumer is not None
        return (
            status.relay.state == "leader"
            and status.relay.lag_rows == 0
            and status.relay.progress_at > 0
            and status.consumer.state == "running"
            and len(status.consumer.partitions) == 3 * PARTITIONS
            and sum(status.consumer.lag.values()) == 0
            and len(status.consumer.lag) == 3 * PARTITIONS
        )

    async with running(whole):
        await ends.await_effects(2)
        await until(settled)
        assert "events-relay" in describe_tasks()
        assert figures.get_sample_value("crm_consumer_lag", slot) == 0
    status = whole.status()
    assert status.relay is not None
    assert status.relay.state == "stopped"
    assert figures.get_sample_value("crm_relay_published_total", {"topic": TOPIC}) == 2
    assert figures.get_sample_value("crm_consumer_handled_total", {"topic": TOPIC}) == 2
    assert figures.get_sample_value("crm_consumer_lag", slot) is None
    assert figures.get_sample_value("crm_relay_lag_rows") == 0


async def test_worker_survives_the_loss_of_all_its_sessions(ends: Ends) -> None:
    aggregate = new_id()
    await write_here(ends, aggregate, 1)
    async with running(worker(ends)):
        await ends.await_effects(1)
        for version in (2, 3):
            admin = await asyncpg.connect(ends.admin_dsn)
            await admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name LIKE 'crm-%'"
            )
            await admin.close()
            await write_here(ends, aggregate, version)
            await ends.await_effects(version)
    assert await ends.versions(aggregate) == [1, 2, 3]


async def test_worker_stops_though_the_broker_hangs(ends: Ends) -> None:
    writers: list[asyncio.StreamWriter] = []
    silent = await asyncio.start_server(lambda _, writer: writers.append(writer), "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    # Nobody could wait for this broker to the end.
    patient = KafkaOptions(bootstrap=f"127.0.0.1:{port}", request_timeout=600.0)
    whole = worker(replace(ends, kafka=patient))

    async def tries() -> bool:
        status = whole.status()
        return status.relay is not None and status.relay.state == "leader"

    async with running(whole):
        await until(tries)
    for writer in writers:
        writer.close()
    silent.close()


async def test_victim_ends_with_the_signal_it_got(ends: Ends, nursery: Nursery) -> None:
    async with nursery.victim(ends, "relay") as process:
        os.kill(process.pid, signal.SIGTERM)
        assert await process.exit_code() == -signal.SIGTERM


async def test_sessions_are_repeated_with_growing_pauses_until_stopped() -> None:
    stop = asyncio.Event()
    failures: list[str] = []

    async def session() -> None:
        if len(failures) == 3:
            stop.set()
            return
        raise RuntimeError(f"failure {len(failures)}")

    await keep_running(session, stop, name="test", on_failure=lambda error: failures.append(str(error)), limit=0.01)
    assert failures == ["failure 0", "failure 1", "failure 2"]
    backoff = Backoff(first=1.0, limit=3.0)
    pauses = [backoff.next() for _ in range(4)]
    for pause, whole in zip(pauses, [1.0, 2.0, 3.0, 3.0], strict=True):
        assert whole / 2 <= pause <= whole


async def test_leaked_cancellation_of_a_library_is_a_failure_and_a_real_one_ends() -> None:
    stop = asyncio.Event()
    failures: list[BaseException] = []

    async def session() -> None:
        if failures:
            await asyncio.Event().wait()
        raise asyncio.CancelledError

    task = asyncio.ensure_future(keep_running(session, stop, name="test", on_failure=failures.append, limit=0.01))

    async def failed() -> bool:
        return bool(failures)

    await until(failed)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [type(error) for error in failures] == [asyncio.CancelledError]
    assert not await wait_any(0.001, stop)
