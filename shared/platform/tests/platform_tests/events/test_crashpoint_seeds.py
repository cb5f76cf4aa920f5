"""Every crash point there is, each at moments and under a load that are drawn from seeds.

`test_crashpoints.py` shows for each of them what exactly is left behind; here whatever else goes on is left to chance,
and the promise is the same for all: everything takes effect once, in order, and nothing waits for a person.
`CRASH_SEEDS=20 make test T=shared/platform/tests/platform_tests/events/test_crashpoint_seeds.py` draws more often.
"""

import asyncio
import os
import random
from collections import Counter
from uuid import UUID

import pytest

from crm_platform.events import dead_letters, replay
from crm_platform.events.crashpoints import CRASHPOINTS, KILLED
from crm_platform.events.subscriptions import EVERY_TYPE, Subscription
from crm_platform.events.wire import Record
from crm_platform.ids import new_id
from crm_platform.testing.processes import Victim
from crm_runtime.testing.kafka.disposable import DisposableBroker
from platform_tests.events.processes import Nursery
from platform_tests.events.support import OTHER_TOPIC, TOPIC, Ends, note_effect, order_breaks, running

SEEDS = range(int(os.environ.get("CRASH_SEEDS", "3")))
HEALING = ("relay.before_heal_commit", "relay.after_heal_commit")
REWINDING = ("consumer.before_rewind_commit",)
ON_REQUEST = ("replay.before_commit", "redrive.after_effects_before_commit")
AT_ANY_TIME = tuple(point for point in CRASHPOINTS if point not in {*HEALING, *REWINDING, *ON_REQUEST})
BEFORE_A_LOSS = 6
"""Rounds of changes that the broker is let forget: enough for several in one partition."""
LATEST_ROUND = 3
"""A crash point that is passed again and again is fatal at the latest the third time."""


class Load:
    """Changes of a few aggregates, drawn from a seed."""

    def __init__(self, ends: Ends, seed: int) -> None:
        self.pick = random.Random(seed)  # noqa: S311 - reproducible on purpose
        self.versions: Counter[UUID] = Counter()
        self._ends = ends
        self._topics = {new_id(): topic for topic in (TOPIC, TOPIC, TOPIC, OTHER_TOPIC) for _ in range(2)}

    async def write(self) -> None:
        """Record a few changes, some of them several of one aggregate at once."""
        for _ in range(self.pick.randrange(1, 6)):
            aggregate, topic = self.pick.choice(list(self._topics.items()))
            first = self.versions[aggregate] + 1
            self.versions[aggregate] += self.pick.randrange(1, 4)
            await self._ends.write(aggregate, *range(first, self.versions[aggregate] + 1), topic=topic)

    async def until_dead(self, victim: Victim) -> None:
        """Go on writing until the victim has died where it should."""
        dying = asyncio.create_task(victim.exit_code())
        while not dying.done():
            await self.write()
            await asyncio.wait({dying}, timeout=self.pick.uniform(0.0, 0.1))
        assert await dying == KILLED

    async def assert_once_and_in_order(self) -> None:
        """Wait until everything took effect; nothing did twice, and nothing is left over."""
        total = self.versions.total()
        await self._ends.await_published()
        effects = await self._ends.await_effects(total)
        assert order_breaks(effects) == []
        assert len(effects) == total
        assert await self._ends.fetch("SELECT 1 FROM consumer_gap") == []
        assert await self._ends.fetch("SELECT 1 FROM dead_letter WHERE status = 'pending'") == []
        assert await self._ends.fetch("SELECT 1 FROM consumer_gate WHERE parked") == []


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("point", AT_ANY_TIME)
async def test_dying_at_any_time(ends: Ends, nursery: Nursery, point: str, seed: int) -> None:
    load = Load(ends, seed)
    fatal = f"{point}:{load.pick.randrange(1, LATEST_ROUND + 1)}"
    async with nursery.victim(ends, "relay", "consumer", crashpoint=fatal) as victim:
        await load.until_dead(victim)
    async with running(ends.relay(), ends.consumer()):
        await load.write()
        await load.assert_once_and_in_order()


async def lose_everything(ends: Ends, broker: DisposableBroker, load: Load) -> None:
    """Let the broker forget events that have taken effect."""
    for _ in range(BEFORE_A_LOSS):
        await load.write()
    async with running(ends.relay(), ends.consumer()):
        await ends.await_effects(load.versions.total())
        await ends.await_published()
    await broker.lose()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("point", HEALING)
async def test_dying_while_healing(
    shaky: Ends, broker: DisposableBroker, nursery: Nursery, point: str, seed: int
) -> None:
    load = Load(shaky, seed)
    await lose_everything(shaky, broker, load)
    async with nursery.victim(shaky, "relay", "consumer", crashpoint=point) as victim:
        await load.until_dead(victim)
    async with running(shaky.relay(), shaky.consumer()):
        await load.write()
        await load.assert_once_and_in_order()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("point", REWINDING)
async def test_dying_while_rewinding(
    shaky: Ends, broker: DisposableBroker, nursery: Nursery, point: str, seed: int
) -> None:
    load = Load(shaky, seed)
    await lose_everything(shaky, broker, load)
    async with running(shaky.relay()):
        # Whoever comes before the healing has nothing to rewind: the log is empty, and what comes next is new.
        await load.write()
        await shaky.await_published()
        async with nursery.victim(shaky, "consumer", crashpoint=point) as victim:
            await load.until_dead(victim)
        async with running(shaky.consumer()):
            await load.write()
            await load.assert_once_and_in_order()


@pytest.mark.parametrize("seed", SEEDS)
async def test_dying_while_preparing_a_replay(ends: Ends, nursery: Nursery, seed: int) -> None:
    load = Load(ends, seed)
    await load.write()
    async with running(ends.relay()):
        await ends.await_published()
    await replay.request_replay(await ends.producer(), by="user:1", topic=TOPIC)
    await replay.request_replay(await ends.producer(), by="user:1", topic=OTHER_TOPIC)
    async with nursery.victim(ends, "relay", "consumer", crashpoint="replay.before_commit") as victim:
        await load.until_dead(victim)
    async with running(ends.relay(), ends.consumer()):
        await load.assert_once_and_in_order()


@pytest.mark.parametrize("seed", SEEDS)
async def test_dying_while_redriving(ends: Ends, nursery: Nursery, seed: int) -> None:
    load = Load(ends, seed)
    sick = new_id()
    load.versions[sick] = 4
    await ends.write(sick, 1, 2, 3, 4)
    await load.write()

    async def refuse(connection: object, record: Record) -> None:
        if record.aggregate_id == sick:
            raise ValueError(record.version)
        await note_effect(connection, record)

    failing = Subscription(topics=[TOPIC, OTHER_TOPIC], handlers={EVERY_TYPE: refuse})
    async with running(ends.relay(), ends.consumer(failing)):
        await ends.await_rows("SELECT 1 FROM dead_letter HAVING count(*) = 4")
    await dead_letters.request_redrive(await ends.reader())
    fatal = f"redrive.after_effects_before_commit:{load.pick.randrange(1, LATEST_ROUND + 1)}"
    async with nursery.victim(ends, "relay", "consumer", "redriver", crashpoint=fatal) as victim:
        await load.until_dead(victim)
    async with running(ends.relay(), ends.consumer(), ends.redriver()):
        await load.assert_once_and_in_order()


def test_every_crash_point_is_drawn() -> None:
    assert {*AT_ANY_TIME, *HEALING, *REWINDING, *ON_REQUEST} == {*CRASHPOINTS}
