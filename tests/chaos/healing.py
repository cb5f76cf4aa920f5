"""How long it takes until everything is back that a broker has lost: from the wipe to the last effect."""

import time

from crm_platform.events.kafka import Slot
from tests.chaos.controls import WIPE
from tests.chaos.evidence import PUBLISHING
from tests.chaos.faults import Injector
from tests.chaos.rig import Rig
from tests.chaos.settling import CONSUMERS, PARTITIONS, looking, settle

HEALING_GOAL = 30.0
"""Seconds after which everything retained is on the log again and has been read again by whoever consumes it."""


class NotHealedError(Exception):
    """Something is not back, however long one waits."""


async def measure_healing(rig: Rig) -> tuple[int, float]:
    """Wipe the log of a system at rest.

    Returns:
        How many events were lost and came back, and after how many seconds all were there and consumed.

    Raises:
        NotHealedError: They did not come back.
    """
    began = time.monotonic()
    await Injector(rig).inject(WIPE)
    while True:
        rest = await settle(rig)
        retained, there = await _events(rig)
        if not rest.left and there >= retained:
            return retained, rest.at - began
        if rest.left:
            raise NotHealedError("; ".join(rest.left))


async def _events(rig: Rig) -> tuple[int, int]:
    """How many events the outboxes retain, and how many records are on the log."""
    topics = {topic for service in CONSUMERS.values() for topic in service.consumed_topics()}
    async with looking(rig) as (connection, reader):
        retained = 0
        for package in PUBLISHING:
            statement = f"SELECT count(*) FROM {package}.outbox WHERE topic = ANY ($1)"
            retained += await connection.fetchval(statement, list(topics))
        ends = await reader.ends(Slot(topic, number) for topic in topics for number in range(PARTITIONS))
    return retained, sum(ends.values())
