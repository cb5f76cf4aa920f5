"""Negative controls: harm that must be found. A check that finds nothing here is blind."""

import random
from collections.abc import Sequence
from functools import partial

from crm_platform.testing.waiting import until
from tests.chaos import witness
from tests.chaos.check import Verdict, check
from tests.chaos.client import Client
from tests.chaos.customers import Customers
from tests.chaos.desk import Desk
from tests.chaos.evidence import admin_connection
from tests.chaos.faults import Injector, frozen
from tests.chaos.rig import WITNESSES
from tests.chaos.run import Chaos
from tests.chaos.schedule import Fault, Kind
from tests.chaos.settling import settle, unpublished

WIPE = Fault(0.0, Kind.WIPE, "broker")
SHARD = "customer-svc"
"""Whose relay does without healing."""
LOST = 24
"""Events that are published, not yet consumed, and then forgotten by the broker."""
NEVER_AT_REST = 12.0
"""Seconds to wait for a system of which some consumers stand beyond the end of a log that is not healed."""


async def without_fence(chaos: Chaos) -> Sequence[Verdict]:
    """The witness compares neither positions nor versions, and the broker's loss makes all events come again."""
    rig = chaos.rig
    await rig.stop_crew(witness.NAME)
    await rig.start_witnesses(CRM_KAFKA__FENCE="false")
    try:
        await Injector(rig).inject(WIPE)
        async with chaos.client() as client:
            await _create(client, 1)
            rest = await settle(rig, expect_gaps=True)
            return check(chaos.ledger, await chaos.look(client, rest))
    finally:
        await rig.stop_crew(witness.NAME)
        await rig.start_witnesses()


async def without_healing(chaos: Chaos) -> Sequence[Verdict]:
    """A relay that does not look for losses, a broker that forgets, and events that nobody had read yet."""
    rig = chaos.rig
    regular = [f"{SHARD}-worker", f"{SHARD}-worker-2"]
    async with frozen(rig, *regular):
        await rig.start_crew(
            "control", {f"{SHARD}-worker-control": rig.deployable(SHARD)}, CRM_KAFKA__HEAL_LOG_LOSS="false"
        )
        try:
            async with chaos.client() as client:
                async with frozen(rig, *WITNESSES):
                    await _create(client, LOST)
                    await until(partial(_published, chaos), seconds=60)
                    await Injector(rig).inject(WIPE)
                await _create(client, 1)
                rest = await settle(rig, within=NEVER_AT_REST, expect_gaps=True)
                return check(chaos.ledger, await chaos.look(client, rest))
        finally:
            await rig.stop_crew("control")


async def _create(client: Client, count: int) -> None:
    customers = Customers(Desk(client, random.Random(count)))  # noqa: S311 - reproducible on purpose
    for _ in range(count):
        await customers.create()


async def _published(chaos: Chaos) -> bool:
    async with admin_connection(chaos.rig.system.admin_url) as connection:
        return await unpublished(connection, SHARD.replace("-", "_")) == 0
