"""Reads topics from now on (or from their beginning), beside all consumers and without disturbing them."""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from crm_platform.events.kafka import KafkaOptions, new_admin, partition_counts, stop_quietly
from crm_runtime.errors import RuntimeProblem

_CLIENT_SECONDS = 10.0
_HEADER_PREFIX = "ce_"


@dataclass(frozen=True, kw_only=True)
class TailedEvent:
    """One record, with its CloudEvents attributes taken out of the headers."""

    topic: str
    partition: int
    offset: int
    time: datetime
    attributes: dict[str, str]
    data: Any
    """The decoded JSON; the text itself when it is none."""

    def as_json(self) -> str:
        """One line for other programs."""
        place = {"topic": self.topic, "partition": self.partition, "offset": self.offset}
        return json.dumps(
            {**place, "time": self.time.isoformat(), **self.attributes, "data": self.data}, ensure_ascii=False
        )


async def tail(
    bootstrap: str, topics: Iterable[str] | None, *, prefix: str, from_start: bool
) -> AsyncGenerator[TailedEvent, None]:
    """Yield records as they arrive; with `topics` None, of every topic whose name begins with the prefix."""
    # No group: a tail must not take partitions from anybody, nor leave offsets behind.
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=None,
        enable_auto_commit=False,
        # Not by seeking to the beginning: where the client goes by itself may come after that, and win.
        auto_offset_reset="earliest" if from_start else "latest",
    )
    try:
        partitions = await _begin(consumer, bootstrap, topics, prefix)
        if not from_start:
            await consumer.seek_to_end(*partitions)
        async for record in consumer:
            yield _event_of(record)
    except KafkaError as error:
        raise RuntimeProblem(f"The broker at {bootstrap} cannot be read: {error}.") from error
    finally:
        with contextlib.suppress(Exception):
            await asyncio.wait_for(consumer.stop(), _CLIENT_SECONDS)


async def _begin(
    consumer: AIOKafkaConsumer, bootstrap: str, topics: Iterable[str] | None, prefix: str
) -> list[TopicPartition]:
    try:
        await asyncio.wait_for(consumer.start(), _CLIENT_SECONDS)
    except (KafkaError, OSError, TimeoutError) as error:
        raise RuntimeProblem(f"No Kafka broker answers at {bootstrap}.") from error
    known: set[str] = await asyncio.wait_for(consumer.topics(), _CLIENT_SECONDS)
    wanted = set(topics) if topics is not None else {topic for topic in known if topic.startswith(prefix)}
    if missing := wanted - known:
        there = ", ".join(sorted(topic for topic in known if topic.startswith(prefix))) or "none yet"
        raise RuntimeProblem(f"There is no topic {', '.join(sorted(missing))}; there are: {there}.")
    if not wanted:
        raise RuntimeProblem("There is no topic yet: nothing has been published.")
    counts = await _partition_counts(bootstrap, sorted(wanted))
    partitions = [TopicPartition(topic, number) for topic in counts for number in range(counts[topic])]
    consumer.assign(partitions)
    return partitions


async def _partition_counts(bootstrap: str, topics: list[str]) -> dict[str, int]:
    # A consumer without topics is told of none by Apache Kafka.
    admin = await new_admin(KafkaOptions(bootstrap=bootstrap))
    try:
        return await asyncio.wait_for(partition_counts(admin, topics), _CLIENT_SECONDS)
    finally:
        await stop_quietly(admin)


def _event_of(record: Any) -> TailedEvent:
    attributes = {
        name.removeprefix(_HEADER_PREFIX): value.decode("utf-8", errors="replace") for name, value in record.headers
    }
    text = (record.value or b"").decode("utf-8", errors="replace")
    try:
        data = json.loads(text)
    except ValueError:
        data = text
    return TailedEvent(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        time=datetime.fromtimestamp(record.timestamp / 1000, UTC),
        attributes=attributes,
        data=data,
    )
