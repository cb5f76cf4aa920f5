"""Looking at the broker's log: how far it reaches, and which event lies at an offset."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from aiokafka import AIOKafkaConsumer, TopicPartition

from crm_platform.events.kafka import KafkaOptions, Slot, bounded, new_consumer, stop_quietly
from crm_platform.events.wire import LogEpoch, MalformedError, decode_epoch, decode_headers, event_id_of


class LogUnreadableError(Exception):
    """A record that must be there was not delivered in time. Never taken for a loss: look again."""


@dataclass(frozen=True, slots=True)
class Extent:
    """Where a partition's log begins, and the offset that the next record will get."""

    beginning: int
    end: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What identifies a record; both are None for a record that is no event."""

    offset: int
    event_id: UUID | None
    epoch: LogEpoch | None


class LogReader:
    """Reads single records of any partition, through one consumer without a group."""

    def __init__(self, consumer: AIOKafkaConsumer, options: KafkaOptions) -> None:
        """Read through `consumer`, which is started."""
        self._consumer = consumer
        self._options = options
        self._timeout = options.request_timeout

    @classmethod
    async def open(cls, options: KafkaOptions) -> Self:
        """Connect to the broker."""
        consumer = await new_consumer(options, "crm-log-reader", max_partition_fetch_bytes=65_536)
        return cls(consumer, options)

    async def close(self) -> None:
        """Disconnect."""
        await stop_quietly(self._consumer)

    async def ends(self, slots: Iterable[Slot]) -> dict[Slot, int]:
        """The offset after the last record of each partition."""
        found = await bounded(self._consumer.end_offsets(self._places(slots)), self._timeout)
        return {self._options.slot(place): offset for place, offset in found.items()}

    async def extents(self, slots: Iterable[Slot]) -> dict[Slot, Extent]:
        """Where each partition's log begins and ends."""
        places = self._places(slots)
        ends = await bounded(self._consumer.end_offsets(places), self._timeout)
        beginnings = await bounded(self._consumer.beginning_offsets(places), self._timeout)
        return {self._options.slot(place): Extent(beginnings[place], ends[place]) for place in places}

    def _places(self, slots: Iterable[Slot]) -> list[TopicPartition]:
        return [self._options.place(slot) for slot in slots]

    async def read(self, wanted: Mapping[Slot, int]) -> dict[Slot, Seen]:
        """The first record at or after an offset, for each partition.

        Raises:
            LogUnreadableError: The broker did not deliver one of them in time.
        """
        places = {self._options.place(slot): offset for slot, offset in wanted.items()}
        found: dict[Slot, Seen] = {}
        if not places:
            return found
        self._consumer.assign(list(places))
        for place, offset in places.items():
            self._consumer.seek(place, offset)
        try:
            async with asyncio.timeout(self._timeout * 2):
                while len(found) < len(places):
                    for place, records in (await self._consumer.getmany(timeout_ms=500)).items():
                        found.setdefault(self._options.slot(place), _seen(records[0].offset, records[0].headers))
        except TimeoutError:
            message = f"no record from {sorted(set(wanted) - set(found))}"
            raise LogUnreadableError(message) from None
        return found


def _places(slots: Iterable[Slot]) -> list[TopicPartition]:
    return [TopicPartition(*slot) for slot in slots]


def _seen(offset: int, headers: Iterable[tuple[str, bytes]]) -> Seen:
    try:
        attributes = decode_headers(headers)
        return Seen(offset, event_id_of(attributes), decode_epoch(attributes))
    except MalformedError:
        return Seen(offset, None, None)
