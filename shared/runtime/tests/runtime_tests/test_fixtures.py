"""The fixtures that all other tests build on."""

import asyncio

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from crm_runtime.pytest_plugin import MakeDatabase
from crm_runtime.testing import FreshDatabase

MIGRATIONS: list[str] = []


async def migrate_things(database: FreshDatabase) -> None:
    """A migration of a service that does not exist."""
    MIGRATIONS.append(database.name)
    connection = await asyncpg.connect(database.url)
    await connection.execute("CREATE TABLE thing (id int PRIMARY KEY, name text)")
    await connection.close()


async def test_database_is_a_migrated_copy_of_its_own(make_database: MakeDatabase) -> None:
    first = make_database("fixture_svc", migrate=migrate_things)
    second = make_database("fixture_svc", migrate=migrate_things)
    assert first.name != second.name
    assert len(MIGRATIONS) <= 1  # another worker may have made the template
    connection = await asyncpg.connect(first.url)
    await connection.execute("INSERT INTO thing VALUES (1, '王小明')")
    assert await connection.fetchval("SELECT current_schema() || '/' || current_user") == "fixture_svc/fixture_svc"
    await connection.close()
    other = await asyncpg.connect(second.url)
    assert await other.fetchval("SELECT count(*) FROM thing") == 0
    await other.close()


def test_a_closure_is_migrated_every_time_unless_it_has_a_key(make_database: MakeDatabase) -> None:
    calls: list[str] = []

    def migrate(database: FreshDatabase) -> None:
        calls.append(database.name)

    make_database("fixture_svc", migrate=migrate)
    make_database("fixture_svc", migrate=migrate)
    assert len(calls) == 2


def test_a_failing_migration_leaves_no_template(make_database: MakeDatabase) -> None:
    def migrate(database: FreshDatabase) -> None:
        raise LookupError(database.name)

    for _ in range(2):
        with pytest.raises(LookupError):
            make_database("fixture_svc", migrate=migrate, cache_key="always fails")


async def test_database_is_dropped_even_with_open_sessions(
    make_shared_database: MakeDatabase, database_factory: object, pg_admin_url: str
) -> None:
    database = make_shared_database("fixture_svc")
    session = await asyncpg.connect(database.url)
    await asyncio.to_thread(database_factory.drop, database)  # type: ignore[attr-defined]
    admin = await asyncpg.connect(pg_admin_url)
    assert await admin.fetchval("SELECT count(*) FROM pg_database WHERE datname = $1", database.name) == 0
    await admin.close()
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await session.fetchval("SELECT 1")


async def test_chinese_and_english_sort_and_match_the_same_everywhere(make_database: MakeDatabase) -> None:
    connection = await asyncpg.connect(make_database("fixture_svc").url)
    assert await connection.fetchval("SELECT array_length(show_trgm('王小明'), 1)") == 4
    assert await connection.fetchval("SELECT lower('ÄÖ')") == "äö"
    assert await connection.fetchval("SHOW timezone") == "UTC"
    await connection.close()


async def test_broker_carries_a_record(kafka_bootstrap: str, topic_prefix: str) -> None:
    topic = f"{topic_prefix}things"
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(topic, 1, 1)])
    await admin.close()
    producer = AIOKafkaProducer(bootstrap_servers=kafka_bootstrap, enable_idempotence=True)
    await producer.start()
    await producer.send_and_wait(topic, b"value", key=b"key")
    await producer.stop()
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=kafka_bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    record = await asyncio.wait_for(consumer.getone(), 10)
    assert (record.key, record.value) == (b"key", b"value")
    await consumer.stop()
