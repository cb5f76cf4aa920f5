"""What becomes of connections when something goes wrong in their transaction."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any

import asyncpg
import pytest

from crm_platform.db.database import Database, Savepoint
from crm_platform.errors import Unavailable
from crm_platform.ids import new_id
from crm_platform.settings import DatabaseSettings
from crm_runtime.pytest_plugin import MakeDatabase
from platform_tests.db.tunnel import Tunnel

TENANT = new_id()


@pytest.fixture
async def database(make_database: MakeDatabase) -> AsyncIterator[Database]:
    """Two connections at most; who finds none free gives up after a moment."""
    url = make_database("customer_svc").url
    database = Database(DatabaseSettings(url=url, pool_max=2, pool_timeout=1.0), name="test")
    await database.open()
    async with database.read(TENANT) as connection:
        await connection.execute("CREATE TABLE things (name text UNIQUE DEFERRABLE INITIALLY DEFERRED)")
    yield database
    await database.close()


async def things(database: Database) -> list[str]:
    """What was kept, asked through every connection of the pool."""
    async with database.read(TENANT) as one, database.read(TENANT) as other:
        assert not one.is_in_transaction()
        assert not other.is_in_transaction()
        found = [[row[0] for row in await each.fetch("SELECT name FROM things ORDER BY 1")] for each in (one, other)]
    assert found[0] == found[1]
    return found[0]


async def transact(database: Database, *statements: str) -> None:
    """Execute all in one transaction."""
    async with database.transaction(TENANT) as connection:
        for statement in statements:
            await connection.execute(statement)


async def transact_in_part(database: Database, *statements: str) -> None:
    """Execute all in a part of a transaction."""
    async with database.transaction(TENANT) as connection, Savepoint(connection):
        for statement in statements:
            await connection.execute(statement)


async def shrug(connection: asyncpg.Connection, *statements: str) -> None:
    """Take no notice when a statement is refused."""
    for statement in statements:
        with suppress(asyncpg.PostgresError):
            await connection.execute(statement)


INSERT = "INSERT INTO things VALUES ('lost')"


async def test_what_is_committed_is_kept_and_what_fails_is_not(database: Database) -> None:
    await transact(database, "INSERT INTO things VALUES ('kept')")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await transact(database, INSERT, "SELECT 1 / 0")

    assert await things(database) == ["kept"]


async def test_going_on_after_a_failed_statement_is_not_taken_for_success(database: Database) -> None:
    async def careless() -> None:
        async with database.transaction(TENANT) as connection:
            await shrug(connection, INSERT, "SELECT 1 / 0")

    with pytest.raises(asyncpg.InFailedSQLTransactionError, match="one of its statements had failed"):
        await careless()

    assert await things(database) == []


async def test_a_commit_that_fails_keeps_nothing(database: Database) -> None:
    with pytest.raises(asyncpg.UniqueViolationError):
        await transact(database, "INSERT INTO things VALUES ('twice'), ('twice')")

    assert await things(database) == []


@pytest.mark.parametrize("work", [transact, transact_in_part])
async def test_a_cancelled_transaction_is_undone_and_its_connection_is_good_again(
    database: Database, work: Callable[..., Awaitable[None]]
) -> None:
    for _ in range(5):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(work(database, INSERT, "SELECT pg_sleep(30)"), 0.05)

    assert await things(database) == []


async def test_a_part_that_fails_leaves_the_rest(database: Database) -> None:
    async def in_parts() -> None:
        async with database.transaction(TENANT) as connection:
            await connection.execute("INSERT INTO things VALUES ('kept')")
            with suppress(asyncpg.DivisionByZeroError):
                async with Savepoint(connection):
                    await connection.execute(INSERT)
                    await connection.execute("SELECT 1 / 0")
            await connection.execute("INSERT INTO things VALUES ('kept too')")

    await in_parts()

    assert await things(database) == ["kept", "kept too"]


@pytest.mark.parametrize("work", [transact, transact_in_part])
async def test_a_session_that_ends_within_a_transaction_costs_that_transaction_only(
    database: Database, work: Callable[..., Awaitable[None]]
) -> None:
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)):
        await work(database, INSERT, "SELECT pg_terminate_backend(pg_backend_pid())")

    assert await things(database) == []


async def test_a_session_that_answers_no_more_is_given_up(make_database: MakeDatabase) -> None:
    async with Tunnel.to(make_database("customer_svc").url) as tunnel:
        database = Database(DatabaseSettings(url=tunnel.url, pool_max=1, pool_timeout=5.0), name="test")
        await database.open()

        async def stall() -> None:
            async with database.transaction(TENANT) as connection:
                tunnel.stop()
                await connection.execute("SELECT 1")

        async with asyncio.timeout(30):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(stall(), 0.1)
            tunnel.go_on()
            async with database.read(TENANT) as connection:
                assert await connection.fetchval("SELECT 1") == 1
        await database.close()


async def test_who_finds_no_free_connection_is_told_so(database: Database) -> None:
    async with database.read(TENANT), database.transaction(TENANT):
        for attempt in (database.read, database.transaction):
            with pytest.raises(Unavailable) as refused:
                async with attempt(TENANT):
                    pass
            assert refused.value.headers == {"retry-after": "1"}

    assert await things(database) == []


async def test_who_waits_gets_the_next_connection(database: Database) -> None:
    async def use(_: int) -> Any:
        async with database.transaction(TENANT) as connection:
            return await connection.fetchval("SELECT current_setting('crm.tenant_id')")

    assert await asyncio.gather(*map(use, range(50))) == [str(TENANT)] * 50


async def test_a_connection_left_in_a_transaction_is_cleaned_before_it_is_given_back(database: Database) -> None:
    reported: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))
    try:
        async with database.read(TENANT) as connection:
            await connection.execute(f"BEGIN; {INSERT}")
    finally:
        asyncio.get_running_loop().set_exception_handler(None)

    assert await things(database) == []
    assert ["active transaction" in context["message"] for context in reported] == [True]
