"""Reading partitions: where to start, what was fetched, when the log was cut off, when nothing comes any more."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import asyncpg
import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import OffsetOutOfRangeError

from crm_platform.events import positions
from crm_platform.events.intake import Entry, Intake, plan, understand
from crm_platform.events.kafka import KafkaOptions, Slot, bounded
from crm_platform.events.positions import Move
from crm_platform.events.rewind import Reach, look_back, raised, resume_at

_log = structlog.get_logger(__name__)

LOOK_AGAIN_SECONDS = 10.0
"""How often a partition without news is looked at for a log that was cut off and refilled."""


class StalledError(Exception):
    """Records are there but do not arrive: the client is broken."""


class Reader:
    """Reads the partitions that this instance holds."""

    def __init__(self, client: AIOKafkaConsumer, options: KafkaOptions, batch_records: int) -> None:
        """Read through `client`, at most `batch_records` at a time."""
        self._client = client
        self._options = options
        self._batch_records = batch_records
        self.suspects: set[Slot] = set()
        """Partitions whose next event may have ended processes."""
        self._reaches: dict[Slot, Reach] = {}
        self._next: dict[Slot, int] = {}
        """Offset that the client will deliver next."""
        self._looking: set[Slot] = set()
        """Partitions whose next record is only looked at."""
        self._short: set[Slot] = set()
        """Partitions whose log was found shorter than the position, with nothing new since."""
        self._arrived: dict[Slot, float] = {}
        self._in_vain = 0.0
        """Seconds spent asking for records since the last ones came; the time of handling them is no waiting."""
        self._looked_at = time.monotonic()

    def positions(self) -> dict[Slot, int]:
        """The next offset of each partition, as committed with the effects."""
        return {slot: reach.next_offset for slot, reach in self._reaches.items()}

    async def hold(self, connection: asyncpg.Connection, slots: Iterable[Slot]) -> None:
        """Read exactly `slots` from now on; those that are new start at their position in the database."""
        wanted = set(slots)
        kept = {slot: reach for slot, reach in self._reaches.items() if slot in wanted}
        fresh, suspects = await positions.load(connection, sorted(wanted - kept.keys()))
        self.suspects.intersection_update(kept)
        self.suspects.update(suspects)
        self._reaches = kept | fresh
        await self._assign()

    async def fetch(self, wait: float) -> Intake:
        """The next records, at most `wait` seconds later; empty if there are none."""
        began = time.monotonic()
        try:
            found = await bounded(
                self._client.getmany(timeout_ms=int(wait * 1000), max_records=self._batch_records),
                wait + self._options.request_timeout,
            )
        except OffsetOutOfRangeError as error:
            _log.warning("log_shorter_than_position", error=str(error))
            await self._assign()
            return Intake()
        self._in_vain = 0.0 if any(found.values()) else self._in_vain + time.monotonic() - began
        fetched: dict[Slot, Sequence[Entry]] = {}
        looks: dict[Slot, Move] = {}
        for place, messages in found.items():
            slot = self._options.slot(place)
            if slot not in self._reaches or not messages:
                continue
            entries = [understand(message, slot) for message in messages]
            self._arrived[slot] = time.monotonic()
            self._next[slot] = entries[-1].offset + 1
            if slot in self._looking and entries[0].offset < self._reaches[slot].next_offset:
                back = self._look(slot, entries.pop(0))
                if back is not None:
                    looks[slot] = back
            self._looking.discard(slot)
            if slot not in looks:
                fetched[slot] = entries
        intake = plan(fetched, self._reaches)
        return Intake(intake.entries, {**intake.moves, **looks})

    def _look(self, slot: Slot, seen: Entry) -> Move | None:
        """Judge the record before the position: a move backwards if it is not what it was."""
        reach = self._reaches[slot]
        target = look_back(reach, seen.offset, seen.event_id, seen.epoch, again=slot in self._short)
        if target is None:
            if seen.offset < reach.next_offset - 1:
                self._short.add(slot)
            return None
        _log.warning(
            "log_was_cut_off",
            topic=slot.topic,
            partition=slot.partition,
            at=reach.next_offset,
            back_to=target,
        )
        return Move(reach, Reach(target, raised(reach.epoch, seen.epoch)))

    def moved(self, intake: Intake) -> None:
        """Go on from where a committed intake ends."""
        for slot, move in intake.moves.items():
            self._reaches[slot] = move.new
            self._short.discard(slot)
            self.suspects.discard(slot)
        for slot, offset in intake.rewinds.items():
            self._next[slot] = offset
            self._looking.discard(slot)
            self._client.seek(self._options.place(slot), offset)

    async def watch(self, *, idle: float, stuck: float) -> dict[Slot, int]:
        """Ask the broker how far the logs go; the number of records not yet read, by partition.

        Raises:
            StalledError: There are records that do not arrive.
        """
        slots = list(self._reaches)
        if not slots:
            return {}
        ends = await self._offsets(self._client.end_offsets, slots)
        now = time.monotonic()
        for slot in slots:
            waiting = now - self._arrived[slot]
            if ends[slot] > self._next[slot] and (self._in_vain > idle or waiting > stuck):
                message = f"{slot} stands at {self._next[slot]}, the log goes to {ends[slot]}"
                raise StalledError(message)
        if any(ends[slot] < self._next[slot] for slot in slots) or now - self._looked_at > LOOK_AGAIN_SECONDS:
            await self._look_again([slot for slot in slots if ends[slot] <= self._next[slot]])
        return {slot: max(ends[slot] - self._next[slot], 0) for slot in slots}

    async def _look_again(self, slots: Sequence[Slot]) -> None:
        self._looked_at = time.monotonic()
        await self._seek(slots)

    async def _assign(self) -> None:
        self._client.assign([self._options.place(slot) for slot in self._reaches])
        self._looking.clear()
        self._looked_at = time.monotonic()
        self._in_vain = 0.0
        await self._seek(list(self._reaches))
        self._next = {slot: self._next[slot] for slot in self._reaches}
        self._arrived = {slot: time.monotonic() for slot in self._reaches}

    async def _seek(self, slots: Sequence[Slot]) -> None:
        """Start reading `slots` at their positions, with a look at the record before."""
        if not slots:
            return
        beginnings = await self._offsets(self._client.beginning_offsets, slots)
        ends = await self._offsets(self._client.end_offsets, slots)
        for slot in slots:
            reach = self._reaches[slot]
            offset, look = resume_at(reach, beginning=beginnings[slot], end=ends[slot])
            self._next[slot] = offset
            if look:
                self._looking.add(slot)
            else:
                self._looking.discard(slot)
            if 0 < reach.next_offset < beginnings[slot]:
                _log.error(
                    "log_begins_after_position",
                    topic=slot.topic,
                    partition=slot.partition,
                    lost_from=reach.next_offset,
                )
            self._client.seek(self._options.place(slot), offset)

    async def _offsets(self, ask: Any, slots: Iterable[Slot]) -> Mapping[Slot, int]:
        found = await bounded(ask([self._options.place(slot) for slot in slots]), self._options.request_timeout)
        return {self._options.slot(place): offset for place, offset in found.items()}
