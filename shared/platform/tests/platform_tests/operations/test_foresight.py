"""Steps that are prepared while those before them are done."""

import asyncio

from crm_platform.context import Caller
from crm_platform.testing.waiting import until
from platform_tests.operations.slice import Control
from platform_tests.operations.support import House

ALL = [f"产品 {number}" for number in range(1, 6)]


async def test_the_next_step_is_prepared_while_this_one_is_done(house: House, agent: Caller, control: Control) -> None:
    path = await house.begin(agent, "test.foreseen")
    async with house.working():
        await house.reaches(agent, path, "succeeded")

    assert control.steps == [("ahead", 0), ("ahead", 2), ("产品", 0), ("ahead", 4), ("产品", 2), ("产品", 4)]
    assert await house.names(agent) == ALL


async def test_what_comes_otherwise_is_prepared_anew(house: House, agent: Caller, control: Control) -> None:
    path = await house.begin(agent, "test.foreseen", fails="otherwise")
    async with house.working():
        await house.reaches(agent, path, "succeeded")

    seen = [("ahead", 0), ("ahead", 3), ("产品", 0), ("ahead", 2), ("产品", 2), ("ahead", 4), ("产品", 4)]
    assert control.steps == seen
    assert await house.names(agent) == ALL


async def test_a_failure_ahead_is_one_of_its_own_step(house: House, agent: Caller, control: Control) -> None:
    path = await house.begin(agent, "test.foreseen", fails="ahead", at=2)
    async with house.working():
        done = await house.reaches(agent, path, "succeeded")

    assert [cursor for name, cursor in control.steps if name == "产品"] == [0, 2, 4]
    assert [cursor for name, cursor in control.steps if name == "ahead"] == [0, 2, 2, 4]
    assert (await house.names(agent), done["counters"]) == (ALL, {"created": 5})


async def test_a_pause_drops_what_is_prepared_ahead(house: House, agent: Caller, control: Control) -> None:
    begun, asked = asyncio.Event(), asyncio.Event()

    async def gate(name: str, cursor: int) -> None:
        if (name, cursor) == ("产品", 0):
            begun.set()
            await asked.wait()
        if (name, cursor, asked.is_set()) == ("ahead", 2, False):
            await asyncio.Event().wait()  # only its end ends it

    control.gate = gate
    path = await house.begin(agent, "test.foreseen")
    async with house.working():
        await asyncio.wait_for(begun.wait(), 30)
        assert (await house.ask(agent, path, "pause")).status_code == 202
        asked.set()
        await house.reaches(agent, path, "paused")
        assert await house.names(agent) == ALL[:2]
        assert (await house.ask(agent, path, "resume")).status_code == 202
        await house.reaches(agent, path, "succeeded")
        await until(_nothing_ahead)

    assert await house.names(agent) == ALL
    assert [cursor for name, cursor in control.steps if name == "ahead"] == [0, 2, 2, 4]


async def _nothing_ahead() -> bool:
    return not any(task.get_name() == "operation-foresight" for task in asyncio.all_tasks())
