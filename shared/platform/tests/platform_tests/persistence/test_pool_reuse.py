"""One pool, many companies: whatever happened on a connection before, nobody sees a foreign row."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from uuid import UUID

import asyncpg
import pytest

from crm_contracts.customer.v1 import CustomerCreated
from crm_platform.context import Cause, system_caller
from crm_platform.db import Database
from crm_platform.db.database import connect_dedicated
from crm_platform.ids import new_id
from crm_platform.settings import DatabaseSettings
from crm_platform.testing.sealing import vault
from crm_platform.uow import UnitOfWork
from crm_runtime.pytest_plugin import MakeDatabase
from crm_runtime.testing import FreshDatabase
from customer_svc.customers.domain import Customer
from customer_svc.customers.models import CUSTOMERS
from customer_svc.slices import SERVICE
from platform_tests.persistence.states import migrate_of

TENANTS = [UUID(int=number) for number in range(1, 6)]
POOL = 3

_ALL = (
    "SELECT tenant_id FROM customers UNION ALL SELECT tenant_id FROM outbox UNION ALL SELECT tenant_id FROM customers"
)


@pytest.fixture
def place(make_database: MakeDatabase) -> FreshDatabase:
    return make_database(SERVICE.package, **migrate_of(SERVICE))


@pytest.fixture
async def database(place: FreshDatabase) -> AsyncIterator[Database]:
    """A small pool; each company has as many customers as its number."""
    settings = DatabaseSettings(url=place.url, pool_min=0, pool_max=POOL, lock_timeout=0.2)
    opened = Database(settings, name="test", vault=vault())
    await opened.open()
    for number, tenant in enumerate(TENANTS, 1):
        async with opened.transaction(tenant) as connection:
            unit = UnitOfWork(connection, system_caller(tenant, "test"), Cause(actor="user:1"))
            states = [Customer(id=new_id(), name=f"Customer {index}") for index in range(number)]
            await unit.insert_many(CUSTOMERS, states, CustomerCreated)
    yield opened
    await opened.close()


async def sees_only_its_own(database: Database, tenant: UUID) -> None:
    """Read as ``tenant``, in both ways; each row is there thrice."""
    expected = [tenant] * 3 * tenant.int
    async with database.read(tenant) as connection:
        assert [row[0] for row in await connection.fetch(_ALL)] == expected
    async with database.transaction(tenant) as connection:
        assert [row[0] for row in await connection.fetch(_ALL)] == expected


async def read(database: Database, tenant: UUID, _: random.Random) -> None:
    await sees_only_its_own(database, tenant)


async def failed_read(database: Database, tenant: UUID, _: random.Random) -> None:
    with pytest.raises(asyncpg.DivisionByZeroError):
        async with database.read(tenant) as connection:
            await connection.fetchval("SELECT 1 / (SELECT count(*) - $1 FROM customers)", tenant.int)


async def failed_transaction(database: Database, tenant: UUID, _: random.Random) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.transaction(tenant) as connection:
            await connection.execute("UPDATE customers SET name = 'forgotten'")
            raise ZeroDivisionError


async def spoilt_transaction(database: Database, tenant: UUID, _: random.Random) -> None:
    with pytest.raises(asyncpg.UndefinedTableError):
        async with database.transaction(tenant) as connection:
            await connection.execute("DELETE FROM customers")
            await connection.execute("DELETE FROM nowhere")


async def spoilt_and_swallowed(database: Database, tenant: UUID, _: random.Random) -> None:
    """PostgreSQL rolls back at the commit, whatever the caller thinks of it; the caller is told."""
    with pytest.raises(asyncpg.InFailedSQLTransactionError):
        async with database.transaction(tenant) as connection:
            await connection.execute("DELETE FROM customers")
            with suppress(asyncpg.UndefinedTableError):
                await connection.execute("DELETE FROM nowhere")


async def failed_beginning(database: Database, tenant: UUID, _: random.Random) -> None:
    with pytest.raises(asyncpg.DivisionByZeroError):
        async with database.transaction(tenant, "DELETE FROM customers", "SELECT 1 / 0"):
            pytest.fail("there is no transaction")


async def cancelled_beginning(database: Database, tenant: UUID, chance: random.Random) -> None:
    with suppress(TimeoutError):
        async with (
            asyncio.timeout(chance.uniform(0, 0.01)),
            database.transaction(tenant, "DELETE FROM outbox", "SELECT pg_sleep(0.5)"),
        ):
            pytest.fail("there is no transaction")


async def cancelled_read(database: Database, tenant: UUID, chance: random.Random) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(chance.uniform(0, 0.01)), database.read(tenant) as connection:
            await connection.fetch("SELECT pg_sleep(0.5)")


async def cancelled_transaction(database: Database, tenant: UUID, chance: random.Random) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(chance.uniform(0, 0.01)), database.transaction(tenant) as connection:
            await connection.execute("DELETE FROM outbox")
            await connection.fetch("SELECT pg_sleep(0.5)")


async def killed_session(database: Database, tenant: UUID, _: random.Random) -> None:
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)):
        async with database.transaction(tenant) as connection:
            await connection.execute("DELETE FROM customers")
            await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")


async def system_work(database: Database, _: UUID, __: random.Random) -> None:
    """Workers see the mechanism tables of all, and no table of the domain."""
    async with database.system() as connection:
        assert await connection.fetchval("SELECT count(*) FROM outbox") == sum(range(1, 6))
        assert await connection.fetchval("SELECT count(*) FROM customers") == 0


STEPS: list[Callable[[Database, UUID, random.Random], Awaitable[None]]] = [
    read,
    read,
    failed_read,
    failed_transaction,
    spoilt_transaction,
    spoilt_and_swallowed,
    failed_beginning,
    cancelled_beginning,
    cancelled_read,
    cancelled_transaction,
    killed_session,
    system_work,
]


async def test_whatever_happened_before_on_a_connection_nobody_sees_a_foreign_row(database: Database) -> None:
    async def work(seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311  (a schedule that can be repeated)
        for _ in range(30):
            await chance.choice(STEPS)(database, chance.choice(TENANTS), chance)
            await sees_only_its_own(database, chance.choice(TENANTS))

    await asyncio.gather(*map(work, range(6)))

    assert database.pool.get_size() <= POOL
    assert database.pool.get_idle_size() == database.pool.get_size()


@pytest.mark.parametrize("step", STEPS[1:], ids=lambda step: step.__name__)
async def test_after_each_kind_of_accident_the_next_on_the_same_connection_sees_its_own(
    place: FreshDatabase, database: Database, step: Callable[[Database, UUID, random.Random], Awaitable[None]]
) -> None:
    single = Database(DatabaseSettings(url=place.url, pool_max=1), name="test")
    await single.open()
    try:
        for tenant in TENANTS:
            await sees_only_its_own(single, tenant)
            await step(single, TENANTS[tenant.int % 5], random.Random(1))  # noqa: S311
            await sees_only_its_own(single, TENANTS[tenant.int - 3])
    finally:
        await single.close()
    await sees_only_its_own(database, TENANTS[4])


async def test_reads_cancelled_at_any_moment_leave_the_tenant_right(place: FreshDatabase, database: Database) -> None:
    """Also while the session is being pointed at another tenant."""
    single = Database(DatabaseSettings(url=place.url, pool_max=1), name="test")
    await single.open()
    try:
        for number in range(60):
            previous, tenant = TENANTS[number % 5], TENANTS[(number + 2) % 5]
            await sees_only_its_own(single, previous)
            task = asyncio.create_task(_count(single, tenant))
            for _ in range(number % 12):
                await asyncio.sleep(0)
            task.cancel()
            with suppress(asyncio.CancelledError):
                assert await task == tenant.int
            await sees_only_its_own(single, previous)
            await sees_only_its_own(single, tenant)
    finally:
        await single.close()
    assert database.pool.get_idle_size() == database.pool.get_size()


async def _count(database: Database, tenant: UUID) -> int:
    async with database.read(tenant) as connection:
        return int(await connection.fetchval("SELECT count(*) FROM customers"))


async def test_a_commit_cut_off_in_the_middle_never_gives_its_connection_back(
    place: FreshDatabase, database: Database
) -> None:
    admin = await connect_dedicated(place.admin_url, name="test")
    await admin.execute(
        f"""SET search_path TO {SERVICE.package};
        CREATE FUNCTION pause() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN PERFORM pg_sleep(5); RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER pause AFTER UPDATE ON customers DEFERRABLE INITIALLY DEFERRED
          FOR EACH ROW EXECUTE FUNCTION pause()"""
    )
    await admin.close()
    single = Database(DatabaseSettings(url=place.url, pool_max=1), name="test")
    await single.open()
    try:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1), single.transaction(TENANTS[3]) as connection:
                await connection.execute("UPDATE customers SET name = 'half way'")
        for tenant in TENANTS:
            await sees_only_its_own(single, tenant)
        async with single.read(TENANTS[3]) as connection:
            assert await connection.fetchval("SELECT count(*) FROM customers WHERE name = 'half way'") == 0
    finally:
        await single.close()
    await sees_only_its_own(database, TENANTS[3])


async def test_a_session_without_a_tenant_sees_and_writes_nothing(place: FreshDatabase, database: Database) -> None:
    await sees_only_its_own(database, TENANTS[0])
    connection = await connect_dedicated(place.url, name="test")
    try:
        assert await connection.fetch(_ALL) == []
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(
                "INSERT INTO idempotency (tenant_id, caller, key, request_hash, status, headers, body)"
                " VALUES (gen_random_uuid(), 'x', 'y', '', 200, '{}', '')"
            )
        for setting in ("crm.tenant_id = 'nonsense'", "crm.tenant_id = ''"):
            await connection.execute(f"SET {setting}")
            with suppress(asyncpg.InvalidTextRepresentationError):
                assert await connection.fetch("SELECT 1 FROM customers") == []
    finally:
        await connection.close()
