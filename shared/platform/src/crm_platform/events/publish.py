"""Sending outbox rows: into batches per partition, to the broker, and back as acknowledged offsets."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer

from crm_platform.clock import utc_now
from crm_platform.events.kafka import KafkaOptions, Slot, bounded, partition_for
from crm_platform.events.wire import FIRST_EPOCH, LogEpoch, OutboxRow, encode_headers


class Published(NamedTuple):
    """An outbox row with the place in the log that the broker acknowledged."""

    row: OutboxRow
    slot: Slot
    offset: int
    epoch: int


class UnsendableError(Exception):
    """A row does not fit into a batch at all; the size limit of the outbox query should have kept it out."""


@dataclass
class _Batch:
    slot: Slot
    builder: Any
    rows: list[OutboxRow]


class Publisher:
    """Sends rows through one producer. After an error the producer must not be used again."""

    def __init__(self, producer: AIOKafkaProducer, options: KafkaOptions, *, source: str) -> None:
        """`source` is the CloudEvents source of every event."""
        self._producer = producer
        self._options = options
        self._source = source.encode()

    async def send(self, rows: Sequence[OutboxRow], epochs: Mapping[Slot, LogEpoch]) -> list[Published]:
        """Send `rows` and wait for the broker to acknowledge every one of them.

        Raises:
            KafkaError, TimeoutError: Nothing is known about the rows: some, all or none may be in the log.
        """
        batches = self._build(rows, epochs)
        pending: dict[asyncio.Future[Any], _Batch] = {}
        async with asyncio.timeout(self._options.request_timeout):
            for batch in batches:
                place = self._options.place(batch.slot)
                future = await self._producer.send_batch(batch.builder, place.topic, partition=place.partition)
                # A future that fails after this attempt was given up must not be reported as one nobody asked.
                future.add_done_callback(_take_outcome)
                pending[future] = batch
            await asyncio.wait(pending)
        return [
            Published(row, batch.slot, future.result().offset + index, epochs.get(batch.slot, FIRST_EPOCH).number)
            for future, batch in pending.items()
            for index, row in enumerate(batch.rows)
        ]

    def _build(self, rows: Sequence[OutboxRow], epochs: Mapping[Slot, LogEpoch]) -> list[_Batch]:
        # The time of sending, not of the event: brokers throw old records away, and a healed one must not go at once.
        moment = int(utc_now().timestamp() * 1000)
        stamps: dict[Slot, bytes] = {}
        open_batches: dict[Slot, _Batch] = {}
        batches: list[_Batch] = []
        for row in rows:
            key = str(row.aggregate_id).encode()
            slot = Slot(row.topic, partition_for(key, self._options.partitions))
            stamp = stamps.get(slot)
            if stamp is None:
                stamp = stamps[slot] = epochs.get(slot, FIRST_EPOCH).encode()
            headers = encode_headers(row, source=self._source, epoch=stamp)
            batch = open_batches.get(slot)
            if batch is None or not _append(batch, row, key, headers, moment):
                batch = open_batches[slot] = _Batch(slot, self._producer.create_batch(), [])
                batches.append(batch)
                if not _append(batch, row, key, headers, moment):
                    message = f"outbox row {row.id} is larger than a batch"
                    raise UnsendableError(message)
        for batch in batches:
            batch.builder.close()
        return batches


def _append(batch: _Batch, row: OutboxRow, key: bytes, headers: list[tuple[str, bytes]], moment: int) -> bool:
    """Add a row to a batch; False when it does not fit any more."""
    if batch.builder.append(timestamp=moment, key=key, value=row.payload, headers=headers) is None:
        return False
    batch.rows.append(row)
    return True


def _take_outcome(future: asyncio.Future[Any]) -> None:
    if not future.cancelled():
        future.exception()


async def load_metadata(producer: AIOKafkaProducer, options: KafkaOptions, topics: Sequence[str]) -> None:
    """Load what the producer must know of the topics, so that the first batch does not wait for it."""
    for topic in topics:
        await bounded(producer.partitions_for(options.topic_prefix + topic), options.request_timeout)
