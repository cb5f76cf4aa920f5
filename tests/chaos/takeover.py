"""How long it takes until a second copy does the work of one that was killed or frozen: from fault to effect."""

import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from crm_platform.testing.waiting import until
from crm_runtime.ports import LOOPBACK
from tests.chaos import witness
from tests.chaos.client import Client
from tests.chaos.customers import LIKE_NAMES
from tests.chaos.evidence import admin_connection
from tests.chaos.faults import frozen
from tests.chaos.ledger import changes_of
from tests.chaos.rig import WITNESSES, Rig
from tests.chaos.run import Chaos

RELAYS = ("customer-svc-worker", "customer-svc-worker-2")
TOPIC = "crm.customer.v1"
RECORDS = 24
"""Enough that every partition of the topic gets some."""
READY_SECONDS = 60.0

Harm = Callable[[Rig, str], AbstractAsyncContextManager[None]]


@dataclass(frozen=True)
class Takeover:
    """One measurement."""

    part: str
    harm: str
    seconds: float


async def measure(chaos: Chaos, rounds: int) -> list[Takeover]:
    """Kill and freeze, in turn, the leading relay and one of the consumers, on a system at rest."""
    found = []
    harms: dict[str, Harm] = {"kill -9": _killed, "freeze": frozen}
    async with chaos.client() as client, admin_connection(chaos.rig.system.admin_url) as connection:
        for _ in range(rounds):
            for part in ("relay", "consumer"):
                for name, harm in harms.items():
                    copies = await until(lambda: _working(chaos.rig), seconds=READY_SECONDS)
                    victim = copies[part]
                    async with harm(chaos.rig, victim):
                        found.append(Takeover(part, name, await _effect(client, connection)))
    return found


@asynccontextmanager
async def _killed(rig: Rig, name: str) -> AsyncIterator[None]:
    identity = rig.process(name)
    assert identity is not None, name
    identity.signal(signal.SIGKILL)
    yield


async def _effect(client: Client, connection: asyncpg.Connection) -> float:
    """Seconds until changes that are made now have all taken effect at the witness."""
    began = time.monotonic()
    body = {"items": [{"name": f"接管 {number}"} for number in range(RECORDS)]}
    write, answer = await client.write("batch", "POST", f"customers/batch{LIKE_NAMES}", body, events=RECORDS)
    assert answer.ok, answer
    write.changes = changes_of("customer", answer.body["results"])

    async def noted() -> bool:
        return await _noted(connection, write.id) == RECORDS

    await until(noted, seconds=READY_SECONDS)
    return time.monotonic() - began


async def _noted(connection: asyncpg.Connection, write: UUID) -> int:
    statement = f"SELECT count(*) FROM {witness.NAME}.journal WHERE correlation_id = $1"
    return int(await connection.fetchval(statement, write))


async def _working(rig: Rig) -> dict[str, str]:
    """The copies that do the work of `TOPIC`, by part, once all are there and share it; empty before."""
    relays = {name: (await _health(rig, name)).get("relay") or {} for name in RELAYS}
    readers = {name: (await _health(rig, name)).get("consumer") or {} for name in WITNESSES}
    held = {name: [slot.partition("/")[0] for slot in one.get("partitions", ())] for name, one in readers.items()}
    if {one.get("state") for one in relays.values()} != {"leader", "standby"} or not all(held.values()):
        return {}
    leader = next(name for name, one in relays.items() if one["state"] == "leader")
    return {"relay": leader, "consumer": max(held, key=lambda name: held[name].count(TOPIC))}


async def _health(rig: Rig, name: str) -> dict[str, Any]:
    record = rig.record(name)
    if record is None:
        return {}
    async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
        try:
            answer = await client.get(f"http://{LOOPBACK}:{record.port}/health/ready")
        except httpx.TransportError:
            return {}
    found: dict[str, Any] = answer.json()["details"] if answer.is_success else {}
    return found
