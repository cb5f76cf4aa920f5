"""Several workers and several companies: each operation is at one worker, and nobody waits behind another's work."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import replace

from prometheus_client import CollectorRegistry

from crm_platform.context import Caller
from crm_platform.testing.identity import caller
from crm_platform.testing.waiting import until
from platform_tests.operations.slice import Control
from platform_tests.operations.support import QUICK, House


async def test_workers_share_the_queue_and_do_each_step_once(house: House, control: Control) -> None:
    companies = [caller() for _ in range(3)]
    begun = [(who, await house.begin(who, name=f"op{n}", products=6)) for who in companies for n in range(4)]
    async with AsyncExitStack() as stack:
        for _ in range(3):
            await stack.enter_async_context(house.working(replace(QUICK, turn=0)))
        for who, path in begun:
            done = await house.reaches(who, path, "succeeded")
            assert done["counters"] == {"created": 6}

    assert Counter(control.steps) == {(f"op{n}", cursor): 3 for n in range(4) for cursor in (0, 2, 4)}
    for who in companies:
        assert Counter(await house.names(who)) == {f"op{n} {m}": 1 for n in range(4) for m in range(1, 7)}


async def test_a_company_with_one_operation_does_not_wait_for_one_with_many(house: House, control: Control) -> None:
    busy, modest = caller(), caller()
    many = [await house.begin(busy, name="busy", products=8) for _ in range(5)]
    one = await house.begin(modest, name="modest", products=8)
    async with house.working(replace(QUICK, parallel=1, turn=0)):
        await house.reaches(modest, one, "succeeded")
        for path in many:
            await house.reaches(busy, path, "succeeded")

    turns = [name for name, _ in control.steps]
    assert turns[:8] == ["busy", "modest"] * 4
    assert turns[8:] == ["busy"] * 16


async def test_operations_of_one_company_take_turns_too(house: House, agent: Caller, control: Control) -> None:
    long = await house.begin(agent, name="long", products=8)
    short = await house.begin(agent, name="short", products=2)
    async with house.working(replace(QUICK, parallel=1, turn=0)):
        for path in (long, short):
            await house.reaches(agent, path, "succeeded")

    assert [name for name, _ in control.steps] == ["long", "short", "long", "long", "long"]


async def test_a_company_has_so_many_under_way_and_no_more(house: House, agent: Caller, control: Control) -> None:
    opened, most, now = asyncio.Event(), 0, 0

    async def gate(_: str, __: int) -> None:
        nonlocal most, now
        now += 1
        most = max(most, now)
        await opened.wait()
        now -= 1

    control.gate = gate
    registry = CollectorRegistry()
    paths = [await house.begin(agent, products=1) for _ in range(5)]
    async with house.working(), house.working(registry=registry):

        async def seen() -> bool:
            figures = [registry.get_sample_value(f"crm_operations_{name}") for name in ("running", "queued")]
            return figures == [2, 3] and now == 2

        await until(seen)
        oldest = registry.get_sample_value("crm_operations_oldest_seconds")
        opened.set()
        for path in paths:
            await house.reaches(agent, path, "succeeded")

    assert most == 2
    assert oldest is not None
    assert oldest > 0
