"""Pausing, resuming and cancelling, before, between and during steps."""

import asyncio

import psutil
import pytest

from crm_platform.context import Caller
from crm_platform.operations.lifecycle import OperationStatus
from crm_platform.testing.identity import colleague
from crm_platform.testing.waiting import until
from platform_tests.operations.slice import Control
from platform_tests.operations.support import House


class Gate:
    """Holds the step that begins at one cursor until the test lets it pass."""

    def __init__(self, cursor: int) -> None:
        self.cursor = cursor
        self.reached, self.opened = asyncio.Event(), asyncio.Event()

    async def held(self) -> None:
        """Wait until the step is here."""
        async with asyncio.timeout(30):
            await self.reached.wait()

    async def __call__(self, _: str, cursor: int) -> None:
        """Hold."""
        if cursor == self.cursor:
            self.reached.set()
            await self.opened.wait()


@pytest.mark.parametrize("place", ["gate", "late_gate"])
async def test_a_pause_takes_effect_after_the_step_and_resume_goes_on(
    house: House, agent: Caller, control: Control, place: str
) -> None:
    gate = Gate(2)
    setattr(control, place, gate)
    path = await house.begin(agent, products=6)
    async with house.working():
        await gate.held()
        answer = await house.ask(agent, path, "pause")
        again = await house.ask(agent, path, "pause")
        gate.opened.set()
        paused = await house.reaches(agent, path, "paused")
        names = await house.names(agent)
        resumed = await house.ask(agent, path, "resume")
        done = await house.reaches(agent, path, "succeeded")

    assert (answer.status_code, answer.json()["status"], answer.json()["wish"]) == (202, "running", "pause")
    assert again.json()["version"] == answer.json()["version"]
    assert (paused["progress"]["done"], paused["wish"], names) == (4, None, [f"产品 {n}" for n in range(1, 5)])
    assert (resumed.status_code, resumed.json()["status"]) == (202, "queued")
    assert (done["counters"], len(await house.names(agent))) == ({"created": 6}, 6)
    assert control.steps == [("产品", 0), ("产品", 2), ("产品", 4)]


async def test_a_pause_can_be_taken_back_before_it_takes_effect(house: House, agent: Caller, control: Control) -> None:
    control.gate = gate = Gate(2)
    path = await house.begin(agent, products=6)
    async with house.working():
        await gate.held()
        await house.ask(agent, path, "pause")
        answer = await house.ask(agent, path, "resume")
        gate.opened.set()
        await house.reaches(agent, path, "succeeded")

    assert (answer.json()["status"], answer.json()["wish"]) == ("running", None)


async def test_cancelling_lets_the_step_end_and_keeps_what_is_done(
    house: House, agent: Caller, control: Control
) -> None:
    control.gate = gate = Gate(2)
    path = await house.begin(agent, "test.enter-told", products=6)
    async with house.working():
        await gate.held()
        answer = await house.ask(agent, path, "cancel")
        refused = await house.ask(agent, path, "resume", **{"accept-language": "zh"})
        gate.opened.set()
        cancelled = await house.reaches(agent, path, "cancelled")

    assert (answer.status_code, answer.json()["status"], answer.json()["wish"]) == (202, "running", "cancel")
    assert (refused.status_code, refused.json()["code"]) == (409, "invalid_transition")
    assert "操作处于“cancelled”状态" in refused.json()["detail"]
    assert (cancelled["progress"]["done"], cancelled["counters"], cancelled["problem"]) == (4, {"created": 4}, None)
    assert await house.names(agent) == ["产品 1", "产品 2", "产品 3", "产品 4", "end: cancelled"]
    assert control.ended == [OperationStatus.CANCELLED]


@pytest.mark.parametrize("paused", [False, True])
async def test_what_has_not_begun_can_be_paused_and_cancelled(
    house: House, agent: Caller, control: Control, *, paused: bool
) -> None:
    path = await house.begin(agent, "test.enter-told", products=6)
    if paused:
        answer = await house.ask(agent, path, "pause")
        assert answer.json()["status"] == "paused"
        other = await house.begin(agent, name="other", products=1)
        async with house.working():
            await house.reaches(agent, other, "succeeded")
        assert (await house.get(agent, path))["status"] == "paused"
    await house.ask(agent, path, "cancel")
    async with house.working():
        cancelled = await house.reaches(agent, path, "cancelled")

    assert cancelled["progress"]["done"] == 0
    assert [name for name, _ in control.steps if name != "other"] == []
    assert control.ended == [OperationStatus.CANCELLED]


async def test_a_cancel_ends_a_computation_and_its_process(house: House, agent: Caller, control: Control) -> None:
    others = set(psutil.Process().children(recursive=True))
    path = await house.begin(agent, "test.compute", fails="endless")

    async def computing() -> list[psutil.Process]:
        return [
            child
            for child in psutil.Process().children(recursive=True)
            if child not in others and "anyio.to_process" in child.cmdline() and child.cpu_times().user > 0.3
        ]

    async with house.working():
        (process,) = await until(computing)
        await house.ask(agent, path, "cancel")
        await house.reaches(agent, path, "cancelled")
        assert not process.is_running()
        quick = await house.begin(agent, "test.compute", products=5)
        done = await house.reaches(agent, quick, "succeeded")

    assert done["result"] == {"sum": 10}
    assert control.steps == [("产品", -1), ("产品", -1)]


async def test_what_is_over_stays_so(house: House, agent: Caller) -> None:
    path = await house.begin(agent, products=1)
    async with house.working():
        done = await house.reaches(agent, path, "succeeded")
    answers = [await house.ask(agent, path, action) for action in ("cancel", "pause", "resume")]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(409, "invalid_transition")] * 3
    assert await house.get(agent, path) == done


async def test_some_kinds_go_through(house: House, agent: Caller) -> None:
    path = await house.begin(agent, "test.enter-fixed", products=1)
    answers = [await house.ask(agent, path, action) for action in ("cancel", "pause")]
    async with house.working():
        await house.reaches(agent, path, "succeeded")

    assert [(one.status_code, one.json()["code"]) for one in answers] == [(409, "operation_not_cancellable")] * 2


async def test_a_worker_that_stops_gives_its_operations_back(house: House, agent: Caller, control: Control) -> None:
    control.gate = gate = Gate(2)
    path = await house.begin(agent, products=4)
    async with house.working():
        await gate.held()
    left = (await house.service.sql("SELECT claim, due_at <= now(), deaths FROM operations"))[0]
    control.gate = None
    async with house.working():
        await house.reaches(agent, path, "succeeded")

    assert tuple(left) == (None, True, 0)
    assert control.steps == [("产品", 0), ("产品", 2), ("产品", 2)]
    assert await house.names(agent) == [f"产品 {n}" for n in range(1, 5)]


async def test_only_who_asked_and_who_may_control_it(house: House, agent: Caller) -> None:
    path = await house.begin(agent, products=1)
    looking = colleague(agent, "products:*", "operations:read")
    managing = colleague(agent, "operations:*")
    others = colleague(agent, "products:*")

    answers = [await house.ask(who, path, "pause") for who in (others, looking, managing)]

    assert [answer.status_code for answer in answers] == [404, 403, 202]
    assert (await house.get(agent, path))["status"] == "paused"
