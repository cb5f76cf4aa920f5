"""Timers, periods, and operations that wait; and what is forgotten."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest

from crm_platform.clock import utc_now
from crm_platform.context import Caller, Cause
from crm_platform.db import Database
from crm_platform.operations.retention import remove_old
from crm_platform.operations.timers import Timer, drop_timers, set_timers
from crm_platform.testing.identity import caller
from crm_platform.testing.waiting import until
from crm_platform.uow import UnitOfWork
from platform_tests.operations.slice import ENTER, SWEEP, Control, Order
from platform_tests.operations.support import House

HOUR = timedelta(hours=1)
PRODUCT = {"code": "P", "name": "甲", "list_price": {"amount": "1", "currency": "CNY"}}


@asynccontextmanager
async def unit_of(house: House, who: Caller) -> AsyncIterator[UnitOfWork]:
    database = Database(house.service.settings.db, name="test")
    await database.open()
    try:
        async with database.transaction(who.tenant_id) as connection:
            yield UnitOfWork(connection, who, Cause(actor=who.actor))
    finally:
        await database.close()


def timer(key: str, at: datetime, name: str) -> Timer[Order]:
    return Timer(key, at, Order(products=1, name=name))


async def test_a_timer_runs_once_when_it_is_due(house: House, agent: Caller, control: Control) -> None:
    soon = utc_now() + timedelta(seconds=0.5)
    async with unit_of(house, agent) as unit:
        await set_timers(unit, ENTER, [timer("a", soon, "soon"), timer("b", soon + HOUR, "late")])
    async with house.working():

        async def entered() -> list[str]:
            return await house.names(agent)

        assert await until(entered) == ["soon 1"]
    row = (await house.service.sql("SELECT created_at FROM products"))[0]
    left = await house.service.sql("SELECT key, status FROM operations ORDER BY key")

    assert row["created_at"] >= soon
    assert [tuple(one) for one in left] == [("a", "succeeded"), ("b", "queued")]
    async with house.service.as_(agent) as client:
        assert (await client.get("/v1/operations")).json()["items"] == []
    assert control.steps == [("soon", 0)]


async def test_a_timer_is_moved_set_anew_and_dropped(house: House, agent: Caller) -> None:
    now = utc_now()
    async with unit_of(house, agent) as unit:
        await set_timers(unit, ENTER, [timer(key, now + HOUR, f"first {key}") for key in "abc"])
        await set_timers(unit, ENTER, [timer("a", now, "moved")])
        await drop_timers(unit, ENTER, ["b"])
    async with unit_of(house, caller()) as unit:
        await drop_timers(unit, ENTER, ["c"])  # of another company
    async with house.working():
        await until(lambda: house.names(agent))
        async with unit_of(house, agent) as unit:
            await set_timers(unit, ENTER, [timer("a", now, "again")])

        async def both() -> bool:
            return len(await house.names(agent)) == 2

        await until(both)

    assert await house.names(agent) == ["moved 1", "again 1"]
    left = await house.service.sql("SELECT key, input->>'name' FROM operations WHERE finished_at IS NULL")
    assert [tuple(one) for one in left] == [("c", "first c")]


async def test_a_timer_that_is_moved_while_it_runs_takes_no_effect_before(
    house: House, agent: Caller, control: Control
) -> None:
    reached, opened = asyncio.Event(), asyncio.Event()

    async def gate(_: str, __: int) -> None:
        reached.set()
        await opened.wait()

    control.gate = gate
    async with unit_of(house, agent) as unit:
        await set_timers(unit, ENTER, [timer("a", utc_now(), "early")])
    async with house.working():
        async with asyncio.timeout(30):
            await reached.wait()
        async with unit_of(house, agent) as unit:
            await set_timers(unit, ENTER, [timer("a", utc_now() + HOUR, "late")])
        opened.set()
        other = await house.begin(agent, name="other", products=1)
        await house.reaches(agent, other, "succeeded")

    assert await house.names(agent) == ["other 1"]
    (row,) = await house.service.sql("SELECT status, claim, input->>'name' FROM operations WHERE key = 'a'")
    assert tuple(row) == ("queued", None, "late")


async def test_a_timer_of_a_change_that_is_rolled_back_does_not_exist(house: House, agent: Caller) -> None:
    with pytest.raises(ZeroDivisionError):
        async with unit_of(house, agent) as unit:
            await set_timers(unit, ENTER, [timer("a", utc_now(), "never")])
            await set_timers(unit, ENTER, [timer("b", utc_now(), "x" * (1 // 0))])

    assert await house.service.sql("SELECT 1 FROM operations") == []


async def test_an_operation_waits_and_goes_on_from_its_cursor(house: House, agent: Caller) -> None:
    path = await house.begin(agent, "test.twice")
    async with house.working():
        done = await house.reaches(agent, path, "succeeded")

    assert (done["counters"], done["attempt"]) == ({"looked": 2}, 1)


async def test_a_sweep_begins_once_per_period_for_every_company(house: House, control: Control) -> None:
    companies = [caller() for _ in range(3)]
    for who in companies:
        async with house.service.as_(who) as client:
            await client.post("/v1/products", json=PRODUCT)
    await house.service.sql("UPDATE audit_entries SET seq = id")  # companies are those with sealed entries

    async def swept() -> bool:
        return len(control.callers) >= 3

    async with house.working(sweeps=(SWEEP,)), house.working(sweeps=(SWEEP,)):
        await until(swept)
        await house.service.sql("UPDATE operation_sweeps SET next_at = now() - interval '1 s'")

        async def again() -> bool:
            return len(control.callers) >= 6

        await until(again)

    assert Counter(one.tenant_id for one in control.callers) == {who.tenant_id: 2 for who in companies}
    assert {(one.kind, one.visibility) for one in control.callers} == {("service", "all")}
    rows = await house.service.sql("SELECT status, internal, requested_by FROM operations")
    assert [tuple(row) for row in rows] == [("succeeded", True, "system:sales-svc")] * 3
    (following,) = await house.service.sql("SELECT next_at - now() AS left FROM operation_sweeps")
    assert timedelta(minutes=58) < following["left"] <= HOUR


async def test_what_ended_long_ago_is_forgotten_with_its_results(house: House, agent: Caller) -> None:
    old, new = await house.begin(agent, products=3), await house.begin(agent, products=3)
    async with house.working():
        for path in (old, new):
            await house.reaches(agent, path, "succeeded")
    waiting = await house.begin(agent)
    await house.service.sql(
        "UPDATE operations SET finished_at = finished_at - interval '31 days' WHERE id = $1", old.rpartition("/")[2]
    )
    database = Database(house.service.settings.db, name="test")
    await database.open()
    try:
        removed = await remove_old(database, timedelta(days=30), asyncio.Event())
    finally:
        await database.close()

    rows = await house.service.sql("SELECT id FROM operations ORDER BY id")
    assert (removed, [f"/v1/operations/{row['id']}" for row in rows]) == (1, [new, waiting])
    assert len(await house.service.sql("SELECT 1 FROM operation_results")) == 3
