"""Many changes go out in several statements, of which the next is made while PostgreSQL works on the one before."""

import asyncio
from contextlib import suppress

import pytest
from pydantic_core import PydanticSerializationError

from crm_contracts.customer.v1 import CustomerCreated, CustomerUpdated
from crm_platform.db import Database
from crm_platform.errors import VersionMismatch
from crm_platform.ids import new_id
from crm_platform.testing.waiting import until
from customer_svc.customers.domain import Customer
from customer_svc.customers.models import CUSTOMERS
from platform_tests.persistence.test_many_at_once import TOGETHER, database, unit_of

__all__ = ["database"]
COUNT = 150
_WAITING = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""
_DEFINED = "INSERT INTO custom_field_revisions (resource, revision) VALUES ('customers', 1)"


class Undone(Exception):
    """Nothing of a transaction stays."""


def customers() -> list[Customer]:
    return [Customer(id=new_id(), name=f"客户 {number}") for number in range(COUNT)]


async def held(database: Database) -> bool:
    """Whether somebody waits for a lock; asked outside of transactions, in which the answer stays as it was."""
    async with database.read(TOGETHER) as connection:
        return bool(await connection.fetchval(_WAITING))


async def test_a_record_comes_before_the_one_to_which_it_refers(database: Database) -> None:
    *branches, head = customers()
    branches = [one.with_(parent_id=head.id) for one in branches]
    async with database.transaction(TOGETHER) as connection:
        await unit_of(connection, TOGETHER).insert_many(CUSTOMERS, [*branches, head], CustomerCreated)
        below = await connection.fetchval("SELECT count(*) FROM customers WHERE parent_id = $1", head.id)

    assert below == COUNT - 1


async def test_what_cannot_be_told_leaves_the_connection_free(database: Database) -> None:
    new = customers()
    new[120] = new[120].with_(name="\ud800")
    with suppress(Undone):
        async with database.transaction(TOGETHER) as connection:
            with pytest.raises(PydanticSerializationError):
                await unit_of(connection, TOGETHER).insert_many(CUSTOMERS, new, CustomerCreated)
            written = await connection.fetchval("SELECT count(*) FROM customers")
            raise Undone
    async with database.transaction(TOGETHER) as connection:
        left = await connection.fetchval("SELECT count(*) FROM customers")

    assert (written, left) == (75, 0)


async def test_one_that_has_moved_on_among_the_last_is_told(database: Database) -> None:
    async with database.transaction(TOGETHER) as connection:
        made = await unit_of(connection, TOGETHER).insert_many(CUSTOMERS, customers(), CustomerCreated)
    stale = [(one, one.with_(employees=5)) for one in made]
    stale[120] = (made[120].with_(version=4), stale[120][1])
    with pytest.raises(VersionMismatch):
        async with database.transaction(TOGETHER) as connection:
            await unit_of(connection, TOGETHER).update_many(CUSTOMERS, stale, CustomerUpdated)
    async with database.transaction(TOGETHER) as connection:
        changed = await connection.fetchval("SELECT count(*) FROM customers WHERE version > 1")
        recorded = await connection.fetchval("SELECT count(*) FROM outbox")

    assert (changed, recorded) == (0, COUNT)


async def test_who_is_stopped_leaves_nothing_behind(database: Database) -> None:
    new = customers()

    async def enter() -> None:
        async with database.transaction(TOGETHER) as connection:
            await unit_of(connection, TOGETHER).insert_many(CUSTOMERS, new, CustomerCreated)

    with suppress(Undone):
        async with database.transaction(TOGETHER) as other:
            await unit_of(other, TOGETHER).insert(CUSTOMERS, new[120], CustomerCreated)
            entering = asyncio.create_task(enter())
            await until(lambda: held(database))
            entering.cancel()
            with pytest.raises(asyncio.CancelledError):
                await entering
            raise Undone
    async with database.transaction(TOGETHER) as connection:
        left = [await connection.fetchval(f"SELECT count(*) FROM {name}") for name in ("customers", "outbox")]

    assert left == [0, 0]


async def test_definitions_that_change_in_between_count_for_what_is_left(database: Database) -> None:
    new = customers()

    async def enter() -> list[Customer]:
        async with database.transaction(TOGETHER) as connection:
            return await unit_of(connection, TOGETHER).insert_many(CUSTOMERS, new, CustomerCreated)

    with suppress(Undone):
        async with database.transaction(TOGETHER) as other:
            await unit_of(other, TOGETHER).insert(CUSTOMERS, new[50], CustomerCreated)
            entering = asyncio.create_task(enter())
            await until(lambda: held(database))
            async with database.transaction(TOGETHER) as defining:
                await defining.execute(_DEFINED)
            raise Undone
    written = await entering
    async with database.transaction(TOGETHER) as connection:
        rows = await connection.fetch("SELECT custom_revision, count(*) FROM customers GROUP BY 1 ORDER BY 1")
        told = [row[0] for row in await connection.fetch("SELECT aggregate_id FROM outbox ORDER BY id")]

    assert [tuple(row) for row in rows] == [(0, 75), (1, 75)]
    assert [one.id for one in written] == told == [one.id for one in new]
