"""Reads the CRM's public topics into the book and sends what the book has to send, for as long as it runs."""

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from bridge.book import Book
from bridge.keys import SubjectKeys

_log = logging.getLogger(__name__)

BATCH = 200
ANSWER_SECONDS = 5.0


@dataclass(frozen=True)
class Event:
    """One event of the CRM, as its CloudEvents headers and JSON data tell."""

    id: str
    type: str
    origin: str
    aggregate_id: str
    version: int
    state: dict[str, Any]
    changed: tuple[str, ...]


class Pump:
    """Carries events in and messages out.

    Args:
        book: The partner's SQLite file.
        system: Name of the partner system, such as ``erp``.
        tenant: Id of the tenant whose events concern this partner.
        bootstrap: Address of the broker.
        topics: What to read.
        handle: Takes in one event, inside a transaction of the book.
        keys: Opens the personal data in events; without it those members stay empty.
        prefix: Put before topic names, where a broker is shared.
    """

    def __init__(
        self,
        book: Book,
        *,
        system: str,
        tenant: str,
        bootstrap: str,
        topics: Sequence[str],
        handle: Callable[[Event], None],
        keys: SubjectKeys | None = None,
        prefix: str = "",
    ) -> None:
        self._book = book
        self._system = system
        self._tenant = tenant
        self._bootstrap = bootstrap
        self._topics = topics
        self._handle = handle
        self._keys = keys
        self._prefix = prefix

    async def run(self, stop: asyncio.Event) -> None:
        """Pump until ``stop``; whatever fails is built anew."""
        while not stop.is_set():
            try:
                await self._session(stop)
            except (KafkaError, OSError, TimeoutError) as error:
                _log.warning("connection lost: %s", error)
                await _wait(stop, 1)

    async def _session(self, stop: asyncio.Event) -> None:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap, enable_auto_commit=False, auto_offset_reset="earliest"
        )
        producer = AIOKafkaProducer(bootstrap_servers=self._bootstrap, enable_idempotence=True, acks="all")
        try:
            await asyncio.wait_for(consumer.start(), ANSWER_SECONDS)
            await asyncio.wait_for(producer.start(), ANSWER_SECONDS)
            await self._assign(consumer, producer)
            while not stop.is_set():
                await self._send(producer)
                await self._receive(consumer)
        finally:
            await asyncio.wait([asyncio.ensure_future(client.stop()) for client in (consumer, producer)], timeout=5)

    async def _assign(self, consumer: AIOKafkaConsumer, producer: AIOKafkaProducer) -> None:
        places = []
        known = await asyncio.wait_for(consumer.topics(), ANSWER_SECONDS)
        for topic in self._topics:
            # To ask for the partitions of a topic that is not there might create it.
            if self._prefix + topic not in known:
                raise TimeoutError(f"topic {topic} is not there yet")
            found = await asyncio.wait_for(producer.partitions_for(self._prefix + topic), ANSWER_SECONDS)
            places += [TopicPartition(self._prefix + topic, number) for number in sorted(found)]
        consumer.assign(places)
        ends = await asyncio.wait_for(consumer.end_offsets(places), ANSWER_SECONDS)
        for place in places:
            offset, _ = self._book.position(place.topic, place.partition)
            # A log that is shorter than what was read has lost its end: versions make a re-read harmless.
            consumer.seek(place, offset if offset <= ends[place] else 0)

    async def _send(self, producer: AIOKafkaProducer) -> None:
        rows = self._book.pending(BATCH)
        for row in rows:
            headers = {
                "ce_specversion": "1.0",
                "ce_id": row["message_id"],
                "ce_source": f"/{self._system}",
                "ce_type": row["type"],
                "ce_time": datetime.now(UTC).isoformat(),
                "ce_subject": row["key"],
                "ce_tenantid": self._tenant,
                "ce_origin": self._system,
                "content-type": "application/json",
            }
            sending = producer.send_and_wait(
                self._prefix + row["topic"],
                row["payload"].encode(),
                key=row["key"].encode(),
                headers=[(name, value.encode()) for name, value in headers.items()],
            )
            await asyncio.wait_for(sending, ANSWER_SECONDS)
            self._book.db.execute("UPDATE outgoing SET sent = 1 WHERE id = ?", (row["id"],))

    async def _receive(self, consumer: AIOKafkaConsumer) -> None:
        for place, records in (await consumer.getmany(timeout_ms=200, max_records=BATCH)).items():
            for record in records:
                if not self._take(consumer, place, record, await self._event(record)):
                    break

    async def _event(self, record: Any) -> Event | None:
        """The event in a record, if it is one of this tenant's."""
        headers = {name: value.decode() for name, value in record.headers}
        if headers.get("ce_tenantid") != self._tenant or "ce_sequence" not in headers:
            return None
        data = json.loads(record.value)
        state = data["state"] if self._keys is None else await self._keys.state(headers, data)
        return _event(headers, data, state)

    def _take(self, consumer: AIOKafkaConsumer, place: TopicPartition, record: Any, event: Event | None) -> bool:
        """Take in one record; False where the log was cut off behind our back and has to be read again."""
        headers = {name: value.decode() for name, value in record.headers}
        _, epoch = self._book.position(place.topic, place.partition)
        new_epoch, _, cut = headers.get("ce_logepoch", "1:0").partition(":")
        if int(new_epoch) > max(epoch, 1):
            back_to = min(map(int, cut.split(",")))
            if back_to < record.offset:
                with self._book.transaction():
                    self._book.move(place.topic, place.partition, back_to, int(new_epoch))
                consumer.seek(place, back_to)
                return False
        with self._book.transaction():
            if event is not None:
                self._handle(event)
            self._book.move(place.topic, place.partition, record.offset + 1, max(epoch, int(new_epoch)))
        return True


def _event(headers: dict[str, str], data: dict[str, Any], state: dict[str, Any]) -> Event:
    return Event(
        id=headers["ce_id"],
        type=headers["ce_type"],
        origin=headers.get("ce_origin", "crm"),
        aggregate_id=headers["ce_subject"],
        version=int(headers["ce_sequence"]),
        state=state,
        changed=tuple(data.get("changed") or ()),
    )


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    await asyncio.wait([asyncio.ensure_future(stop.wait())], timeout=seconds)
