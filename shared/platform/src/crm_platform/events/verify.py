"""Does the broker still have what it acknowledged? Finding the place where a log was cut off, and healing it.

The outbox remembers topic, partition and offset of every published event. A broker that lost the tail of a log
(or all of it) is found out by comparing: the end of the log, then the event at the last recorded offset, then, by
binary search, the longest beginning that is still the same. What is gone is marked unpublished and so goes out
again, in order, stamped with the partition's next epoch, which tells consumers where to read again from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import asyncpg
import structlog

from crm_platform.events.crashpoints import crashpoint
from crm_platform.events.kafka import Slot
from crm_platform.events.log_reader import Extent, LogReader, Seen
from crm_platform.events.wire import EPOCH_HISTORY, FIRST_EPOCH, LogEpoch

_log = structlog.get_logger(__name__)

HEAL_SECONDS: Final = 600.0
"""Time for one healing transaction: a wiped broker means every retained event of a partition."""


@dataclass(frozen=True, slots=True)
class Position:
    """Up to where a partition was acknowledged, and which event came last."""

    next_offset: int
    last_event_id: UUID


@dataclass(frozen=True)
class Findings:
    """What a check found, by partition."""

    truncated: Mapping[Slot, int] = field(default_factory=dict)
    """First offset that is not known to be intact."""
    foreign: Mapping[Slot, int] = field(default_factory=dict)
    """Logs that go on after the last recorded event with events that this database does not know."""
    newer_epochs: Mapping[Slot, LogEpoch] = field(default_factory=dict)
    """Epochs in the log that are ahead of the recorded ones."""


async def load_positions(connection: asyncpg.Connection) -> dict[Slot, Position]:
    """The recorded positions of all partitions."""
    rows = await connection.fetch("SELECT topic, partition, next_offset, last_event_id FROM relay_position")
    return {Slot(row[0], row[1]): Position(row[2], row[3]) for row in rows}


async def load_epochs(connection: asyncpg.Connection) -> dict[Slot, LogEpoch]:
    """The epoch of each partition whose log was ever cut off."""
    rows = await connection.fetch(
        "SELECT topic, partition, max(epoch), array_agg(truncated_at_offset ORDER BY epoch DESC)"
        " FROM relay_epoch GROUP BY topic, partition"
    )
    return {Slot(row[0], row[1]): LogEpoch(row[2], tuple(row[3][:EPOCH_HISTORY])) for row in rows}


def shrunk(positions: Mapping[Slot, Position], ends: Mapping[Slot, int]) -> bool:
    """Whether a log is shorter than what was acknowledged: the cheap check for idle moments."""
    return any(ends[slot] < position.next_offset for slot, position in positions.items() if slot in ends)


async def inspect(connection: asyncpg.Connection, reader: LogReader, slots: Sequence[Slot]) -> Findings:
    """Compare the logs of `slots` with what the database recorded.

    Raises:
        LogUnreadableError: The broker did not deliver a record; nothing is known.
    """
    positions = await load_positions(connection)
    extents = await reader.extents(slots)
    last_recorded = {
        slot: positions[slot].next_offset - 1
        for slot, extent in extents.items()
        if slot in positions and extent.beginning < positions[slot].next_offset <= extent.end
    }
    at_last = await reader.read(last_recorded)
    truncated: dict[Slot, int] = {}
    for slot, position in positions.items():
        if slot not in extents or _matches(at_last.get(slot), position):
            continue
        extent = extents[slot]
        if slot in last_recorded or extent.end < position.next_offset:
            truncated[slot] = await _common_prefix(connection, reader, slot, extent, position)
    epochs = await load_epochs(connection)
    for slot, epoch in epochs.items():
        # Cut off again below the last cut: what was lost had been sent by somebody who could not record it.
        if slot in extents and extents[slot].end < epoch.truncations[0]:
            truncated[slot] = min(extents[slot].end, truncated.get(slot, extents[slot].end))
    tails = await _tails(reader, positions, extents, truncated)
    return Findings(
        truncated=truncated,
        foreign=await _foreign(connection, tails),
        newer_epochs=_newer_epochs(epochs, {**at_last, **tails}),
    )


def _matches(seen: Seen | None, position: Position) -> bool:
    return seen is not None and seen.offset == position.next_offset - 1 and seen.event_id == position.last_event_id


async def _common_prefix(
    connection: asyncpg.Connection, reader: LogReader, slot: Slot, extent: Extent, position: Position
) -> int:
    """The first offset from which on the log is not known to hold what was recorded.

    All recorded rows below `low` are still in the log, and one at `high`, or the end of the log, is not. Offsets
    without a recorded row (records of others, rows published again since) tell nothing and are stepped over.
    """
    low, high = extent.beginning, min(extent.end, position.next_offset)
    # Nearly always only the tail is gone, so what lies directly before it is looked at first.
    probe = await _recorded_near(connection, slot, low, high, high)
    while probe is not None:
        offset, event_id = probe
        seen = (await reader.read({slot: offset}))[slot]
        if seen.offset == offset and seen.event_id == event_id:
            low = offset + 1
        else:
            high = offset
        probe = await _recorded_near(connection, slot, low, high, (low + high) // 2)
    return high


async def _recorded_near(
    connection: asyncpg.Connection, slot: Slot, low: int, high: int, middle: int
) -> tuple[int, UUID] | None:
    """The recorded row in `low <= offset < high` that is closest below `middle`, or else closest above it."""
    for bounds, order in (((low, min(middle + 1, high)), "DESC"), ((max(low, middle + 1), high), "ASC")):
        row = await connection.fetchrow(
            'SELECT "offset", event_id FROM outbox WHERE topic = $1 AND partition = $2'
            f' AND "offset" >= $3 AND "offset" < $4 ORDER BY "offset" {order} LIMIT 1',
            *slot,
            *bounds,
        )
        if row is not None:
            return int(row[0]), row[1]
    return None


async def _tails(
    reader: LogReader,
    positions: Mapping[Slot, Position],
    extents: Mapping[Slot, Extent],
    truncated: Mapping[Slot, int],
) -> dict[Slot, Seen]:
    """The last record of each log that goes on after what was recorded."""
    wanted = {}
    for slot, extent in extents.items():
        known = positions[slot].next_offset if slot in positions else extent.beginning
        if slot not in truncated and extent.end > max(known, extent.beginning):
            wanted[slot] = extent.end - 1
    return await reader.read(wanted)


async def _foreign(connection: asyncpg.Connection, tails: Mapping[Slot, Seen]) -> dict[Slot, int]:
    known = {
        row[0]
        for row in await connection.fetch(
            "SELECT event_id FROM outbox WHERE event_id = ANY($1::uuid[])",
            [seen.event_id for seen in tails.values()],
        )
    }
    return {slot: seen.offset for slot, seen in tails.items() if seen.event_id not in known}


def _newer_epochs(recorded: Mapping[Slot, LogEpoch], records: Mapping[Slot, Seen]) -> dict[Slot, LogEpoch]:
    return {
        slot: seen.epoch
        for slot, seen in records.items()
        if seen.epoch is not None and seen.epoch.number > recorded.get(slot, FIRST_EPOCH).number
    }


async def heal(connection: asyncpg.Connection, findings: Findings) -> dict[Slot, int]:
    """Mark as unpublished what was lost, in one transaction; return the number of rows by partition.

    A log that holds events of another life of this database (it was restored from a backup) is no loss: it is
    reported, and publishing goes on behind it. Epochs found there are adopted, so that they never go backwards.
    """
    for slot, offset in findings.foreign.items():
        _log.warning("log_has_unknown_events", topic=slot.topic, partition=slot.partition, offset=offset)
    if not findings.truncated and not findings.newer_epochs:
        return {}
    async with connection.transaction():
        for slot, epoch in findings.newer_epochs.items():
            await _adopt(connection, slot, epoch)
        rows = {slot: await _heal_slot(connection, slot, offset) for slot, offset in findings.truncated.items()}
        crashpoint("relay.before_heal_commit")
    crashpoint("relay.after_heal_commit")
    for slot, count in rows.items():
        _log.error(
            "log_loss_healed",
            topic=slot.topic,
            partition=slot.partition,
            truncated_at=findings.truncated[slot],
            republished=count,
        )
    return rows


async def _adopt(connection: asyncpg.Connection, slot: Slot, epoch: LogEpoch) -> None:
    await connection.executemany(
        "INSERT INTO relay_epoch (topic, partition, epoch, truncated_at_offset) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT DO NOTHING",
        [(*slot, epoch.number - age, offset) for age, offset in enumerate(epoch.truncations)],
    )


async def _heal_slot(connection: asyncpg.Connection, slot: Slot, offset: int) -> int:
    await connection.execute(
        "INSERT INTO relay_epoch (topic, partition, epoch, truncated_at_offset)"
        " SELECT $1::text, $2::int, coalesce(max(epoch), $4) + 1, $3 FROM relay_epoch"
        " WHERE topic = $1 AND partition = $2",
        *slot,
        offset,
        FIRST_EPOCH.number,
    )
    result: Any = await connection.execute(
        'UPDATE outbox SET published_at = NULL, partition = NULL, "offset" = NULL, epoch = NULL'
        ' WHERE topic = $1 AND partition = $2 AND "offset" >= $3',
        *slot,
        offset,
        timeout=HEAL_SECONDS,
    )
    await connection.execute("DELETE FROM relay_position WHERE topic = $1 AND partition = $2", *slot)
    await connection.execute(
        "INSERT INTO relay_position (topic, partition, next_offset, last_event_id)"
        ' SELECT topic, partition, "offset" + 1, event_id FROM outbox WHERE topic = $1 AND partition = $2'
        ' AND "offset" IS NOT NULL ORDER BY "offset" DESC LIMIT 1',
        *slot,
    )
    return int(result.split()[-1])
