"""The fixtures that all other tests build on."""

import asyncio

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from crm_platform.testing.topics import remove_topics
from crm_platform.testing.waiting import until
from crm_runtime.pytest_plugin import MakeDatabase
from crm_runtime.testing.databases import DatabaseFactory, FreshDatabase

MIGRATIONS: list[str] = []


async def migrate_things(database: FreshDatabase) -> None:
    """A migration of a service that does not exist."""
    MIGRATIONS.append(database.name)
    connection = await asyncpg.connect(database.url)
    await connection.execute("CREATE TABLE thing (id int PRIMARY KEY, name text)")
    await connection.close()


async def migrate_rooms(database: FreshDatabase) -> None:
    """Tables with what stands in the way of emptying them: a reference, a sequence, a policy."""
    connection = await asyncpg.connect(database.url)
    await connection.execute(
        "CREATE TABLE room (id int PRIMARY KEY GENERATED ALWAYS AS IDENTITY, name text UNIQUE);"
        "CREATE TABLE guest (room_id int NOT NULL REFERENCES room);"
        "ALTER TABLE room ENABLE ROW LEVEL SECURITY;"
        "CREATE POLICY everybody ON room USING (true)"
    )
    await connection.close()


async def migrate_a_furnished_room(database: FreshDatabase) -> None:
    """A migration that writes rows."""
    await migrate_rooms(database)
    connection = await asyncpg.connect(database.url)
    await connection.execute("INSERT INTO room (name) VALUES ('suite')")
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


async def test_a_database_that_was_given_back_is_as_if_new(database_factory: DatabaseFactory) -> None:
    used = database_factory.create("fixture_svc", migrate=migrate_rooms)
    session = await asyncpg.connect(used.url)
    await session.execute("INSERT INTO room (name) VALUES ('a'), ('b'); INSERT INTO guest VALUES (1)")
    await asyncio.to_thread(database_factory.give_back, used)
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await session.fetchval("SELECT 1")

    again = database_factory.create("fixture_svc", migrate=migrate_rooms)

    assert again.name == used.name
    connection = await asyncpg.connect(again.url)
    assert await connection.fetchval("SELECT (SELECT count(*) FROM room) + (SELECT count(*) FROM guest)") == 0
    assert await connection.fetchval("INSERT INTO room (name) VALUES ('c') RETURNING id") == 1
    await connection.close()
    await asyncio.to_thread(database_factory.drop, again)


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE room ADD COLUMN size int",
        "ALTER TABLE room DROP CONSTRAINT room_name_key",
        "DROP POLICY everybody ON room",
        "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE INDEX ON guest (room_id)",
    ],
)
async def test_a_database_whose_schema_was_changed_is_not_used_again(
    database_factory: DatabaseFactory, change: str
) -> None:
    used = database_factory.create("fixture_svc", migrate=migrate_rooms)
    connection = await asyncpg.connect(used.url)
    await connection.execute(change)
    await connection.close()
    await asyncio.to_thread(database_factory.give_back, used)

    again = database_factory.create("fixture_svc", migrate=migrate_rooms)

    assert again.name != used.name
    await asyncio.to_thread(database_factory.drop, again)


async def test_a_database_whose_sessions_were_all_ended_is_used_again(database_factory: DatabaseFactory) -> None:
    used = database_factory.create("fixture_svc", migrate=migrate_rooms)
    connection = await asyncpg.connect(used.admin_url)
    await connection.execute("INSERT INTO fixture_svc.room (name) VALUES ('suite')")
    ended = await connection.fetch(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await connection.close()
    assert len(ended) == 1
    await asyncio.to_thread(database_factory.give_back, used)

    again = database_factory.create("fixture_svc", migrate=migrate_rooms)

    assert again.name == used.name
    connection = await asyncpg.connect(again.admin_url)
    assert await connection.fetchval("SELECT count(*) FROM fixture_svc.room") == 0
    await connection.close()
    await asyncio.to_thread(database_factory.drop, again)


async def test_a_database_is_emptied_under_the_idle_sessions_of_a_service(database_factory: DatabaseFactory) -> None:
    used = database_factory.create("fixture_svc", migrate=migrate_rooms)
    named = {"application_name": "service"}
    service, stranger = await asyncpg.connect(used.url, server_settings=named), await asyncpg.connect(used.url)
    await service.execute("INSERT INTO room (name) VALUES ('a'), ('b'); INSERT INTO guest VALUES (1)")

    assert await asyncio.to_thread(database_factory.wash, used, {"service": 1})

    assert await service.fetchval("SELECT (SELECT count(*) FROM room) + (SELECT count(*) FROM guest)") == 0
    assert await service.fetchval("INSERT INTO room (name) VALUES ('c') RETURNING id") == 1
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await stranger.fetchval("SELECT 1")

    another = await asyncpg.connect(used.url, server_settings=named)
    assert not await asyncio.to_thread(database_factory.wash, used, {"service": 1})
    await another.execute("BEGIN")
    assert await asyncio.to_thread(database_factory.wash, used, {"service": 1})
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await another.fetchval("SELECT 1")
    await service.execute("CREATE INDEX ON guest (room_id)")
    assert not await asyncio.to_thread(database_factory.wash, used, {"service": 1})
    await service.close()
    await asyncio.to_thread(database_factory.drop, used)


async def test_a_database_that_begins_with_rows_is_made_anew(database_factory: DatabaseFactory) -> None:
    used = database_factory.create("fixture_svc", migrate=migrate_a_furnished_room)
    connection = await asyncpg.connect(used.url)
    await connection.execute("DELETE FROM room")
    await connection.close()
    await asyncio.to_thread(database_factory.give_back, used)

    again = database_factory.create("fixture_svc", migrate=migrate_a_furnished_room)

    connection = await asyncpg.connect(again.url)
    assert await connection.fetchval("SELECT name FROM room") == "suite"
    await connection.close()
    await asyncio.to_thread(database_factory.drop, again)


async def test_chinese_and_english_sort_and_match_the_same_everywhere(make_database: MakeDatabase) -> None:
    connection = await asyncpg.connect(make_database("fixture_svc").url)
    assert await connection.fetchval("SELECT array_length(show_trgm('王小明'), 1)") == 4
    assert await connection.fetchval("SELECT lower('ÄÖ')") == "äö"
    assert await connection.fetchval("SHOW timezone") == "UTC"
    await connection.close()


async def test_broker_carries_a_record(kafka_bootstrap: str, passing_topics: str) -> None:
    topic = f"{passing_topics}things"
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


async def test_the_topics_of_one_prefix_are_removed(kafka_bootstrap: str, passing_topics: str) -> None:
    gone = [f"{passing_topics}cleared.gone.{name}" for name in ("a", "b")]
    kept = f"{passing_topics}cleared.kept"
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(name, 1, 1) for name in (*gone, kept)])

    assert await remove_topics(kafka_bootstrap, f"{passing_topics}cleared.gone.") == gone

    async def left() -> bool:
        return [name for name in await admin.list_topics() if name.startswith(f"{passing_topics}cleared.")] == [kept]

    await until(left)
    await admin.close()
