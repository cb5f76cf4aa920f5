"""Has the system come to rest? If it does not, what of it has not, and where its processes stand."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg
from aiokafka.errors import KafkaError

from crm_platform.events.kafka import KafkaOptions, Slot
from crm_platform.events.log_reader import LogReader, LogUnreadableError
from crm_platform.service import Service
from crm_platform.settings import KafkaSettings
from crm_runtime.child import last_lines, log_size
from tests.chaos import witness
from tests.chaos.evidence import PUBLISHING, SERVICES, admin_connection
from tests.chaos.rig import Rig

LOOK_AGAIN = 0.2
SESSION_SECONDS = 15.0
"""A session with the broker may hang on one that has gone; it is replaced after this time."""
STUCK_SECONDS = 90.0
"""Time after which a system that has not come to rest counts as stuck."""
PARTITIONS = KafkaSettings().partitions
CONSUMERS = {**SERVICES, witness.NAME: witness.SERVICE}
_AWAY = (OSError, TimeoutError, KafkaError, LogUnreadableError, asyncpg.PostgresError, asyncpg.InterfaceError)
_REPAIRS = {
    "consumer_gap": "gaps",
    "dead_letter WHERE status = 'pending'": "dead letters",
    "consumer_gate WHERE parked": "parked records",
}


@dataclass(frozen=True)
class Rest:
    """How the system came to rest."""

    at: float
    """`time.monotonic()` at the first look that found nothing going on."""
    left: tuple[str, ...] = ()
    """What was still going on when the time was up."""


async def settle(rig: Rig, *, within: float = STUCK_SECONDS, expect_gaps: bool = False) -> Rest:
    """Wait until nothing is left to publish, to consume or to repair.

    With `expect_gaps`, gaps are no reason to wait: nobody will close them.
    """
    deadline = time.monotonic() + within
    left: tuple[str, ...] = ("nothing could be looked at",)
    while time.monotonic() < deadline:
        try:
            async with asyncio.timeout(SESSION_SECONDS), looking(rig) as (connection, reader):
                while True:
                    moving = await _moving(connection, reader)
                    left = (*moving, *await _to_repair(connection))
                    at_rest = not moving if expect_gaps else not left
                    if at_rest or time.monotonic() > deadline:
                        return Rest(time.monotonic(), left)
                    await asyncio.sleep(LOOK_AGAIN)
        except _AWAY as error:
            left = (f"{type(error).__name__}: {error}",) if len(left) == 1 else left
            await asyncio.sleep(LOOK_AGAIN)
    return Rest(time.monotonic(), left)


@asynccontextmanager
async def looking(rig: Rig) -> AsyncIterator[tuple[asyncpg.Connection, LogReader]]:
    """Connections to database and broker."""
    kafka = KafkaOptions(bootstrap=rig.system.state.kafka_bootstrap, request_timeout=3.0)
    async with admin_connection(rig.system.admin_url) as connection:
        reader = await LogReader.open(kafka)
        try:
            yield connection, reader
        finally:
            await reader.close()


async def _moving(connection: asyncpg.Connection, reader: LogReader) -> list[str]:
    """What is still to be published or consumed."""
    left = []
    for package in PUBLISHING:
        waiting = await unpublished(connection, package)
        if waiting:
            left.append(f"{package}: {waiting} events wait to be published")
    for package, service in CONSUMERS.items():
        left += await _behind(connection, reader, package, service)
    return left


async def unpublished(connection: asyncpg.Connection, package: str) -> int:
    """How many events of a service wait to be published."""
    return int(await connection.fetchval(f"SELECT count(*) FROM {package}.outbox WHERE published_at IS NULL"))


async def _behind(connection: asyncpg.Connection, reader: LogReader, package: str, service: Service) -> list[str]:
    """Partitions of which a service has not read everything, or more than there is."""
    slots = [Slot(topic, number) for topic in service.consumed_topics() for number in range(PARTITIONS)]
    ends = await reader.ends(slots)
    rows = await connection.fetch(f"SELECT topic, partition, next_offset FROM {package}.consumer_position")
    positions = {Slot(row[0], row[1]): row[2] for row in rows}
    return [
        f"{package}: {slot.topic}/{slot.partition} is read to {positions.get(slot, 0)} of {end}"
        for slot, end in ends.items()
        if positions.get(slot, 0) != end
    ]


async def _to_repair(connection: asyncpg.Connection) -> list[str]:
    """What waits for a rewind, a replay or a person."""
    left = []
    for package in CONSUMERS:
        for table, what in _REPAIRS.items():
            count = await connection.fetchval(f"SELECT count(*) FROM {package}.{table}")
            if count:
                left.append(f"{package}: {count} {what}")
    return left


async def stack_dumps(rig: Rig) -> dict[str, str]:
    """Where every task of every worker stands, as they write it down themselves when they are asked."""
    workers = [one.worker_name for one in rig.system.topology.deployables]
    workers += [name for crew in rig.crews.values() for name in crew.names]
    logs = {name: rig.log_folder / f"{name}.log" for name in workers}
    sizes = {name: log_size(path) for name, path in logs.items()}
    for name in workers:
        identity = rig.process(name)
        if identity is not None:
            identity.signal(signal.SIGUSR1)
    await asyncio.sleep(2)
    return {name: "\n".join(last_lines(path, 400, since=sizes[name])) for name, path in logs.items()}
