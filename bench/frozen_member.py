"""What a Kafka consumer group does when one of its members freezes; why ours are none: docs/adr/0005 and 0012.

    python -m bench.frozen_member [apache | embedded] [TRIALS]

Two members of a group (aiokafka, session timeout 6 s, offsets committed after each batch) read six partitions while
events are written. One member is stopped by SIGSTOP for 15 s and wakes again. Apache Kafka needs Java 17 and Maven.
"""

import asyncio
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiokafka import AIOKafkaConsumer

from crm_platform.events.kafka import KafkaOptions, ensure_topics, new_producer, stop_quietly
from crm_runtime.testing.kafka.backend import Backend, new_broker, prepare

TOPIC = "frozen.v1"
PARTITIONS = 6
EVERY = 0.02
BEFORE, FROZEN, AFTER = 5.0, 15.0, 30.0
LOOK = 0.2
SESSION_MS, HEARTBEAT_MS = 6000, 2000


@dataclass(frozen=True)
class Outcome:
    """What came of one trial. Times are seconds."""

    written: int
    lost: int
    doubled: int
    longest_wait: float

    def __str__(self) -> str:
        return f"{self.written:6}{self.lost:8}{self.doubled:9}{self.longest_wait:14.1f}"


async def member(bootstrap: str, group: str, notes: Path) -> None:
    """Take in events for ever, and note each with the time."""
    consumer = AIOKafkaConsumer(
        TOPIC,
        bootstrap_servers=bootstrap,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        session_timeout_ms=SESSION_MS,
        heartbeat_interval_ms=HEARTBEAT_MS,
    )
    await consumer.start()
    with notes.open("a", encoding="ascii", buffering=1) as file:
        while True:
            found = await consumer.getmany(timeout_ms=200)
            for records in found.values():
                file.writelines(f"{record.value.decode()} {time.time()}\n" for record in records)
            if found:
                try:
                    await consumer.commit()
                except Exception as error:  # noqa: BLE001 - as in most programs: read on, the group will settle it
                    print(f"commit: {error!r}", file=sys.stderr)


@asynccontextmanager
async def running_member(bootstrap: str, group: str, notes: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """A member in a process of its own."""
    command = (sys.executable, __file__, "member", bootstrap, group, str(notes))
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        await process.wait()


async def write(kafka: KafkaOptions, written: dict[int, float]) -> None:
    """Write numbered events, one partition after the other, until cancelled."""
    producer = await new_producer(kafka, "writer")
    try:
        while True:
            number = len(written)
            written[number] = time.time()
            await producer.send_and_wait(TOPIC, str(number).encode(), partition=number % PARTITIONS)
            await asyncio.sleep(EVERY)
    finally:
        await stop_quietly(producer)


def seen(folder: Path) -> list[tuple[int, float]]:
    """What the members noted: number and time of each event that they took in."""
    lines = [
        line.split() for notes in folder.glob("*.notes") for line in notes.read_text(encoding="ascii").splitlines()
    ]
    return [(int(line[0]), float(line[1])) for line in lines if len(line) == 2]


async def trial(kafka: KafkaOptions, group: str, folder: Path) -> Outcome:
    """Freeze one of two members in the middle of the writing."""
    written: dict[int, float] = {}
    async with (
        running_member(kafka.bootstrap, group, folder / "a.notes") as victim,
        running_member(kafka.bootstrap, group, folder / "b.notes"),
    ):
        writing = asyncio.create_task(write(kafka, written))
        await asyncio.sleep(BEFORE)
        victim.send_signal(signal.SIGSTOP)
        await asyncio.sleep(FROZEN)
        victim.send_signal(signal.SIGCONT)
        await asyncio.sleep(BEFORE)
        writing.cancel()
        await asyncio.wait({writing})
        for _ in range(int(AFTER / LOOK)):
            if {number for number, _ in seen(folder)} >= written.keys():
                break
            await asyncio.sleep(LOOK)
    return judge(written, seen(folder))


def judge(written: dict[int, float], taken: list[tuple[int, float]]) -> Outcome:
    """Compare what was written with what was taken in."""
    times = Counter(number for number, _ in taken if number in written)
    first: dict[int, float] = {}
    for number, moment in taken:
        first[number] = min(moment, first.get(number, moment))
    waits = [first[number] - moment for number, moment in written.items() if number in first]
    doubled = sum(count > 1 for count in times.values())
    return Outcome(len(written), len(written) - len(times), doubled, max(waits, default=0.0))


async def main(backend: Backend, trials: int) -> None:
    """Run the trials on a broker of their own."""
    with tempfile.TemporaryDirectory() as folder:
        broker = new_broker(backend, Path(folder))
        try:
            await broker.start()
            kafka = KafkaOptions(bootstrap=broker.bootstrap, partitions=PARTITIONS)
            print("events  missing  doubled  longest wait s")
            outcomes = []
            for number in range(trials):
                await ensure_topics(kafka, [TOPIC])
                place = Path(folder) / str(number)
                place.mkdir()
                outcomes.append(await trial(kafka, f"group-{number}", place))
                print(outcomes[-1], flush=True)
                await broker.lose()
            print(f"median of the longest waits: {statistics.median(one.longest_wait for one in outcomes):.1f} s")
        finally:
            await broker.remove()


if __name__ == "__main__":
    if sys.argv[1:2] == ["member"]:
        asyncio.run(member(sys.argv[2], sys.argv[3], Path(sys.argv[4])))
    else:
        chosen = Backend(sys.argv[1]) if len(sys.argv) > 1 else Backend.APACHE
        prepare(chosen)
        asyncio.run(main(chosen, int(sys.argv[2]) if len(sys.argv) > 2 else 3))
