"""Handling aiokafka with care: bounded waits, quiet stops, no topics out of thin air.

Its clients may hang, leak a `CancelledError` from `stop()`, and never recover from an out-of-order sequence.
So every wait here has a limit, and a client that failed is thrown away and built anew.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeVar

import aiokafka.admin.client
import aiokafka.client
import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.protocol.metadata import MetadataRequest

from crm_platform.events.pacing import pace_fetches

_log = structlog.get_logger(__name__)
_T = TypeVar("_T")

STOP_SECONDS: Final = 4.0
MAX_RECORD_BYTES: Final = 900_000
"""Largest payload that is sent: brokers refuse records of 1 MiB and more unless told otherwise."""

CLIENT_ERRORS: Final = (KafkaError, OSError, TimeoutError)
"""What a broker that is away, slow or confused makes the client raise."""


class Slot(NamedTuple):
    """One partition of one topic."""

    topic: str
    partition: int


class TopicMismatchError(Exception):
    """A topic has another number of partitions than the registry says; keys would change their partition."""


class _MetadataOnly(MetadataRequest):  # type: ignore[misc]
    """A metadata request that does not create the topic it asks about.

    aiokafka always asks for creation. After a broker lost its data, the first client to look would bring the topic
    back with the broker's default of partitions, and keys would map to others than before.
    """

    def __init__(self, topics: list[str] | None = None, *_: object) -> None:
        super().__init__(topics, allow_auto_topic_creation=False)


def tame_clients() -> None:
    """Make every aiokafka client of this process leave the creation of topics to `ensure_topics`, and be quiet.

    While a broker is away it logs several errors a second; sessions that end for it are logged by us.
    """
    aiokafka.client.MetadataRequest = _MetadataOnly
    aiokafka.admin.client.MetadataRequest = _MetadataOnly
    logger = logging.getLogger("aiokafka")
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.CRITICAL)


@dataclass(frozen=True, kw_only=True)
class KafkaOptions:
    """How to reach the broker. Times are seconds."""

    bootstrap: str
    request_timeout: float = 5.0
    partitions: int = 6
    replication_factor: int = -1
    """Copies of each topic that is created here; -1 leaves it to the broker's default."""
    topic_prefix: str = ""
    """Put before every topic name on the broker, for test runs that share one; rows and records know nothing of it."""
    client: Mapping[str, Any] = field(default_factory=dict)
    """Further arguments for every client, such as `security_protocol` and `ssl_context`."""

    def place(self, slot: Slot) -> TopicPartition:
        """What the broker calls a partition."""
        return TopicPartition(self.topic_prefix + slot.topic, slot.partition)

    def slot(self, place: TopicPartition) -> Slot:
        """What we call a partition of the broker."""
        return Slot(place.topic.removeprefix(self.topic_prefix), place.partition)

    def common(self, name: str) -> dict[str, Any]:
        """Arguments that all kinds of clients take."""
        return {
            "bootstrap_servers": self.bootstrap,
            "client_id": name,
            "request_timeout_ms": int(self.request_timeout * 1000),
            "retry_backoff_ms": 100,
            "metadata_max_age_ms": 30_000,
            **self.client,
        }


async def bounded(awaitable: Awaitable[_T], seconds: float) -> _T:
    """Wait at most `seconds`.

    Raises:
        TimeoutError: It took longer.
    """
    async with asyncio.timeout(seconds):
        return await awaitable


async def stop_quietly(client: Any, seconds: float = STOP_SECONDS) -> None:
    """Stop a producer, consumer or admin client within `seconds`, whatever state it is in."""
    closing = client.close() if isinstance(client, AIOKafkaAdminClient) else client.stop()
    # A task of its own: aiokafka may raise the CancelledError of its own background tasks out of stop().
    task = asyncio.ensure_future(closing)
    try:
        await asyncio.wait({task}, timeout=seconds)
    finally:
        if not task.done():
            task.cancel()
        elif not task.cancelled() and task.exception() is not None:
            _log.debug("kafka_stop_failed", error=repr(task.exception()))


async def start_client(client: Any, seconds: float) -> None:
    """Start a client; stop it again if that fails or takes longer than `seconds`."""
    try:
        await bounded(client.start(), seconds)
    except BaseException:
        await stop_quietly(client)
        raise


async def new_producer(options: KafkaOptions, name: str) -> AIOKafkaProducer:
    """Start a producer: idempotent, acknowledged by all replicas.

    Idempotence keeps order within a partition when a batch is sent again. It is a fence only in part: a broker that
    lost the tail of a log refuses the next sequence number of a producer that it still knows, but Apache Kafka takes
    any from one that it does not know (any more). Whoever sends must compare the offsets that are acknowledged.
    """
    tame_clients()
    producer = AIOKafkaProducer(
        **options.common(name),
        enable_idempotence=True,
        acks="all",
        linger_ms=0,
        max_batch_size=1_000_000,
        max_request_size=1_048_576,
    )
    await start_client(producer, options.request_timeout + 1)
    return producer


async def new_consumer(options: KafkaOptions, name: str, **arguments: Any) -> AIOKafkaConsumer:
    """Start a consumer that belongs to no group and is told its partitions by `assign`."""
    tame_clients()
    settings: dict[str, Any] = {
        **options.common(name),
        "enable_auto_commit": False,
        # An offset outside the log is ours to understand (a truncation), not aiokafka's to jump from.
        "auto_offset_reset": "none",
        "max_partition_fetch_bytes": 1_048_576,
    }
    consumer = AIOKafkaConsumer(**(settings | arguments))
    pace_fetches(consumer)
    await start_client(consumer, options.request_timeout + 1)
    return consumer


async def new_admin(options: KafkaOptions) -> AIOKafkaAdminClient:
    """Start an admin client."""
    tame_clients()
    admin = AIOKafkaAdminClient(**options.common("crm-admin"))
    try:
        await bounded(admin.start(), options.request_timeout + 1)
    except BaseException:
        await stop_quietly(admin)
        raise
    return admin


async def ensure_topics(options: KafkaOptions, topics: Sequence[str]) -> None:
    """Create the topics that are absent and check the number of partitions of the others.

    A topic with too few partitions is one that somebody else brought back after a loss: it is extended.

    Raises:
        TopicMismatchError: A topic has more partitions than `options.partitions`, or could not be extended.
        KafkaError, TimeoutError, OSError: The broker is away.
    """
    topics = [options.topic_prefix + topic for topic in topics]
    admin = await new_admin(options)
    try:
        async with asyncio.timeout(options.request_timeout * 3):
            counts = await partition_counts(admin, topics)
            missing = [topic for topic in topics if topic not in counts]
            if missing:
                await _create(admin, options, missing)
            for topic in counts:
                if counts[topic] < options.partitions:
                    _log.warning("topic_extended", topic=topic, found=counts[topic], wanted=options.partitions)
                    await admin.create_partitions({topic: NewPartitions(options.partitions)})
            await _await_counts(admin, options, topics)
    finally:
        await stop_quietly(admin)


async def partition_counts(admin: AIOKafkaAdminClient, topics: Sequence[str]) -> dict[str, int]:
    """The number of partitions of those `topics`, named as on the broker, that are there."""
    described = await admin.describe_topics(list(topics)) if topics else []
    return {entry["topic"]: len(entry["partitions"]) for entry in described if not entry["error_code"]}


async def _create(admin: AIOKafkaAdminClient, options: KafkaOptions, topics: Sequence[str]) -> None:
    new = [
        NewTopic(topic, options.partitions, options.replication_factor, replica_assignments={})
        if options.replication_factor == -1
        else NewTopic(topic, options.partitions, options.replication_factor)
        for topic in topics
    ]
    response = await admin.create_topics(new)
    for topic, code, *message in response.topic_errors:
        error = for_code(code)
        # Another process of the service may have been quicker.
        if code and error is not TopicAlreadyExistsError:
            raise error(f"{topic}: {message}")
    _log.info("topics_created", topics=list(topics), partitions=options.partitions)


async def _await_counts(admin: AIOKafkaAdminClient, options: KafkaOptions, topics: Sequence[str]) -> None:
    """Wait until every broker's metadata shows what was created."""
    wrong: dict[str, int] = {}
    for _ in range(50):
        counts = await partition_counts(admin, topics)
        wrong = {topic: counts.get(topic, 0) for topic in topics if counts.get(topic, 0) != options.partitions}
        if not wrong:
            return
        if any(count > options.partitions for count in wrong.values()):
            break
        await asyncio.sleep(0.1)
    message = f"partitions of {wrong} should be {options.partitions}"
    raise TopicMismatchError(message)


_partitioner = DefaultPartitioner()


@lru_cache(maxsize=65_536)
def partition_for(key: bytes, partitions: int) -> int:
    """The partition that every Kafka client's default partitioner (murmur2) gives `key`."""
    every = range(partitions)
    return int(_partitioner(key, every, every))
