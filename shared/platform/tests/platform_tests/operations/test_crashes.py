"""Workers that die or freeze at any place: no step is lost, none takes effect twice."""

import re
import signal
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

import crm_platform.operations
from crm_platform.context import Caller
from crm_platform.events.crashpoints import KILLED, OPERATION_CRASHPOINTS
from platform_tests.events.processes import Nursery
from platform_tests.operations.slice import Control
from platform_tests.operations.support import SHORT_LEASE, House

ALL = [f"产品 {number}" for number in range(1, 6)]


@pytest.mark.parametrize("point", OPERATION_CRASHPOINTS)
async def test_a_killed_worker_is_followed_by_one_that_goes_on(
    house: House, agent: Caller, nursery: Nursery, control: Control, point: str
) -> None:
    path = await house.begin(agent, products=5)
    nth = 1 if point == "operation.after_claim" else 2
    dsn = house.service.settings.db.url
    async with nursery.spawned({"dsn": dsn, "crashpoint": f"{point}:{nth}"}) as victim:
        assert await victim.exit_code() == KILLED
    stopped = await house.get(agent, path)
    before = await house.names(agent)
    async with house.working(SHORT_LEASE):
        done = await house.reaches(agent, path, "succeeded")

    steps = {"operation.after_claim": 0, "operation.after_effects_before_commit": 1, "operation.after_commit": 2}[point]
    attempt = 2 if steps == 2 else 1  # the last step's: the dead worker had claimed it
    assert (stopped["status"], stopped["progress"]["done"], before) == ("running", 2 * steps, ALL[: 2 * steps])
    assert control.steps == [("产品", cursor) for cursor in (0, 2, 4)[steps:]]
    assert await house.names(agent) == ALL
    assert (done["counters"], done["result"], done["attempt"]) == ({"created": 5}, {"entered": 5}, attempt)
    events = await house.service.sql("SELECT 1 FROM outbox")
    assert len(events) == 5


@pytest.mark.parametrize("point", ["operation.after_effects_before_commit:2", "operation.after_commit:1"])
@pytest.mark.parametrize("results", [True, False], ids=["results", "no results"])
async def test_a_frozen_worker_that_wakes_up_cannot_commit(
    house: House, agent: Caller, nursery: Nursery, control: Control, *, point: str, results: bool
) -> None:
    path = await house.begin(agent, products=5, results=results)
    dsn = house.service.settings.db.url
    async with nursery.spawned({"dsn": dsn, "crashpoint": f"{point}:freeze"}) as victim:
        await victim.frozen()
        async with house.working(SHORT_LEASE):
            done = await house.reaches(agent, path, "succeeded")
        victim.signal(signal.SIGCONT)
        # It works at one operation at a time, so this comes after what it makes of the one that it has lost.
        later = await house.begin(agent, name="later", products=1)
        await house.reaches(agent, later, "succeeded")

    assert control.steps == [("产品", 2), ("产品", 4)]
    assert await house.names(agent) == [*ALL, "later 1"]
    assert await house.get(agent, path) == done


async def test_a_step_that_ends_processes_is_given_up(house: House, agent: Caller, control: Control) -> None:
    registry = CollectorRegistry()
    path = await house.begin(agent, "test.enter-told", products=5)
    # As five processes leave it that have died over the second step.
    await house.service.sql(
        "UPDATE operations SET status = 'running', claim = uuidv7(), cursor = '2', done = 2, deaths = 4,"
        " due_at = now() - interval '1 s'"
    )
    async with house.working(registry=registry):
        failed = await house.reaches(agent, path, "failed")

    assert failed["problem"]["code"] == "operation_abandoned"
    assert failed["problem"]["detail"].startswith("5 processes ended")
    assert (control.steps, await house.names(agent)) == ([], ["end: failed"])
    finished = {"kind": "test.enter-told", "status": "failed"}
    assert registry.get_sample_value("crm_operations_finished_total", finished) == 1


def test_list_names_every_crash_point_in_the_code() -> None:
    texts = [source.read_text() for source in Path(crm_platform.operations.__file__).parent.glob("*.py")]
    assert {name for text in texts for name in re.findall(r'crashpoint\("([^"]+)"\)', text)} == set(
        OPERATION_CRASHPOINTS
    )
