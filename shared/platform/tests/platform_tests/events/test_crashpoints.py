import re
from pathlib import Path

import pytest

import crm_platform.events
from crm_platform.events import dead_letters, replay
from crm_platform.events.crashpoints import CRASHPOINTS, KILLED, crashpoint
from crm_platform.ids import new_id
from crm_runtime.testing.kafka.disposable import DisposableBroker
from platform_tests.events.processes import Nursery
from platform_tests.events.support import Ends, running


@pytest.mark.parametrize(
    "point", [point for point in CRASHPOINTS if point.startswith("relay.after") and "heal" not in point]
)
async def test_relay_dies_while_publishing(ends: Ends, nursery: Nursery, point: str) -> None:
    aggregate = new_id()
    await ends.write(aggregate, 1, 2, 3)
    async with nursery.victim(ends, "relay", crashpoint=point) as process:
        assert await process.exit_code() == KILLED
    await ends.write(aggregate, 4)
    async with running(ends.relay(), ends.consumer()):
        await ends.await_effects(4)
        await ends.await_published()
    assert await ends.versions(aggregate) == [1, 2, 3, 4]


@pytest.mark.parametrize("point", ["relay.before_heal_commit", "relay.after_heal_commit"])
async def test_relay_dies_while_healing(shaky: Ends, broker: DisposableBroker, nursery: Nursery, point: str) -> None:
    aggregate = new_id()
    await shaky.write(aggregate, 1, 2, 3)
    async with running(shaky.relay()):
        await shaky.await_published()
    await broker.lose()
    async with nursery.victim(shaky, "relay", crashpoint=point) as process:
        assert await process.exit_code() == KILLED
    async with running(shaky.relay(), shaky.consumer()):
        await shaky.await_effects(3)
    assert await shaky.versions(aggregate) == [1, 2, 3]
    assert await (await shaky.producer()).fetchval("SELECT max(epoch) FROM relay_epoch") == 2


async def test_relay_dies_while_it_prepares_a_replay(ends: Ends, nursery: Nursery) -> None:
    aggregate = new_id()
    await ends.write(aggregate, 1, 2, 3)
    async with running(ends.relay(), ends.consumer()):
        await ends.await_effects(3)
    await replay.request_replay(await ends.producer(), by="user:1", aggregate_id=aggregate)
    async with nursery.victim(ends, "relay", crashpoint="replay.before_commit") as process:
        assert await process.exit_code() == KILLED
    assert await ends.unpublished() == 0
    request = (await replay.list_requests(await ends.producer()))[0]
    assert (request.status, request.rows) == ("pending", 0)


@pytest.mark.parametrize(
    "point",
    [
        "consumer.after_fetch_before_effects",
        "consumer.after_effects_before_commit",
        "consumer.after_commit",
    ],
)
async def test_consumer_dies_while_handling(ends: Ends, nursery: Nursery, point: str) -> None:
    first, second = new_id(), new_id()
    await ends.write(first, 1, 2, 3)
    async with running(ends.relay()):
        async with nursery.victim(ends, "consumer", crashpoint=point) as process:
            assert await process.exit_code() == KILLED
        await ends.write(second, 1, 2)
        await ends.write(first, 4)
        async with running(ends.consumer()):
            await ends.await_effects(6)
    assert await ends.versions(first) == [1, 2, 3, 4]
    assert await ends.versions(second) == [1, 2]


async def test_consumer_dies_while_rewinding(shaky: Ends, broker: DisposableBroker, nursery: Nursery) -> None:
    aggregate = new_id()
    await shaky.write(aggregate, 1, 2, 3)
    async with running(shaky.relay()), running(shaky.consumer()):
        await shaky.await_effects(3)
    await broker.lose()
    await shaky.write(aggregate, 4)
    async with running(shaky.relay()):
        await shaky.await_published()
        async with nursery.victim(shaky, "consumer", crashpoint="consumer.before_rewind_commit") as process:
            assert await process.exit_code() == KILLED
        async with running(shaky.consumer()):
            await shaky.await_effects(4)
    assert await shaky.versions(aggregate) == [1, 2, 3, 4]


async def test_worker_dies_while_redriving(ends: Ends, nursery: Nursery) -> None:
    sick = new_id()
    await ends.write(sick, 1, 2)
    async with running(ends.relay(), ends.consumer()):
        await ends.await_effects(2)
    # As if version 2 had failed before.
    reader = await ends.reader()
    await reader.execute("DELETE FROM effect WHERE version = 2")
    await reader.execute("UPDATE consumer_gate SET version = 1, parked = true")
    await _put_aside(ends)
    await dead_letters.request_redrive(reader)
    async with nursery.victim(ends, "redriver", crashpoint="redrive.after_effects_before_commit") as process:
        assert await process.exit_code() == KILLED
    assert await ends.versions(sick) == [1]
    async with running(ends.redriver()):
        await ends.await_rows("SELECT 1 FROM consumer_gate WHERE version = 2 AND NOT parked")
    assert await ends.versions(sick) == [1, 2]


async def _put_aside(ends: Ends) -> None:
    """Let a copy of everything arrive while the aggregate is parked."""
    await (await ends.producer()).execute("UPDATE outbox SET published_at = NULL")
    async with running(ends.relay(), ends.consumer()):
        await ends.await_rows("SELECT 1 FROM dead_letter WHERE version = 2")


def test_crash_point_that_is_not_armed_does_nothing() -> None:
    crashpoint(CRASHPOINTS[0])


def test_list_names_every_crash_point_in_the_code() -> None:
    sources = Path(crm_platform.events.__file__).parent.glob("*.py")
    texts = [source.read_text() for source in sources if source.name != "crashpoints.py"]
    named = {
        name
        for text in texts
        for line in re.findall(r"crashpoint\((.*)\)", text)
        for name in re.findall(r'"([^"]+)"', line)
    }
    assert named == set(CRASHPOINTS)
