"""Turning fetched records into one unit of work: what to handle, and where the positions go with it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from crm_platform.events.kafka import Slot
from crm_platform.events.positions import Move
from crm_platform.events.rewind import Reach, follow
from crm_platform.events.wire import (
    LogEpoch,
    MalformedError,
    RawRecord,
    Record,
    decode,
    decode_epoch,
    decode_headers,
)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that is not an event."""

    raw: RawRecord
    reason: str
    epoch: LogEpoch | None

    @property
    def offset(self) -> int:
        """Place in the log."""
        return self.raw.offset

    @property
    def event_id(self) -> UUID:
        """What tells this record from others: its content."""
        return UUID(bytes=self.digest()[:16])

    def digest(self) -> bytes:
        """Hash of topic, key, headers and value; the offset may differ after a rewind."""
        raw = self.raw
        digest = hashlib.sha256(raw.topic.encode())
        for part in (raw.key or b"", raw.value or b"", *(f"{name}={value!r}".encode() for name, value in raw.headers)):
            digest.update(len(part).to_bytes(8, "big") + part)
        return digest.digest()


Entry = Record | Rejected


@dataclass(frozen=True)
class Intake:
    """What one transaction takes in: entries in log order for each partition, and the moves that go with them."""

    entries: Mapping[Slot, Sequence[Entry]] = field(default_factory=dict)
    moves: Mapping[Slot, Move] = field(default_factory=dict)

    @property
    def rewinds(self) -> dict[Slot, int]:
        """Partitions that must be read again, and from where."""
        return {
            slot: move.new.next_offset
            for slot, move in self.moves.items()
            if move.new.next_offset < _after(self.entries.get(slot), move.old.next_offset)
        }

    def records(self) -> list[Record]:
        """The events."""
        return [entry for entries in self.entries.values() for entry in entries if isinstance(entry, Record)]

    def rejected(self) -> list[Rejected]:
        """The records that are no events."""
        return [entry for entries in self.entries.values() for entry in entries if isinstance(entry, Rejected)]

    def one_by_one(self) -> Iterator[Intake]:
        """The same work, cut into pieces of one record each; a rewind is a piece of its own."""
        for slot, move in self.moves.items():
            reach = move.old
            for entry in self.entries.get(slot, ()):
                after = Reach(entry.offset + 1, reach.epoch, entry.event_id)
                yield Intake({slot: [entry]}, {slot: Move(reach, after)})
                reach = after
            if reach != move.new:
                yield Intake({}, {slot: Move(reach, move.new)})


def _after(entries: Sequence[Entry] | None, otherwise: int) -> int:
    return entries[-1].offset + 1 if entries else otherwise


def understand(message: Any, slot: Slot) -> Entry:
    """Decode a record that aiokafka fetched."""
    raw = RawRecord(slot.topic, slot.partition, message.offset, message.key, message.headers, message.value)
    try:
        return decode(raw)
    except MalformedError as error:
        return Rejected(raw, str(error), _epoch(raw))


def _epoch(raw: RawRecord) -> LogEpoch | None:
    try:
        return decode_epoch(decode_headers(raw.headers))
    except MalformedError:
        return None


def plan(fetched: Mapping[Slot, Sequence[Entry]], reaches: Mapping[Slot, Reach]) -> Intake:
    """Work out how far to go in each partition, and where one must be read again."""
    entries: dict[Slot, Sequence[Entry]] = {}
    moves: dict[Slot, Move] = {}
    for slot, found in fetched.items():
        if not found:
            continue
        reach = reaches[slot]
        taken, target, epoch = follow(reach, found)
        entries[slot] = found[:taken]
        onwards = Reach(found[-1].offset + 1, epoch, found[-1].event_id)
        moves[slot] = Move(reach, onwards if target is None else Reach(target, epoch))
    return Intake(entries, moves)
