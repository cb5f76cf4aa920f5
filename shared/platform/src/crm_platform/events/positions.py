"""How far a service has read each partition: kept in its own database, moved together with the effects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import asyncpg

from crm_platform.events.failures import FencedError
from crm_platform.events.kafka import Slot
from crm_platform.events.rewind import Reach

_SECONDS: Final = 10.0

SUSPECT_AFTER: Final = 2
"""How often a partition is taken up without getting anywhere before its next event is handled with care."""

# Whoever holds a row at this moment is about to move it, and then nothing has to be counted.
_LOAD: Final = """
WITH wanted (topic, partition) AS (SELECT * FROM unnest($1::text[], $2::int[])), free AS (
  SELECT topic, partition FROM consumer_position p JOIN wanted USING (topic, partition)
  ORDER BY topic, partition FOR UPDATE OF p SKIP LOCKED
), counted AS (
  UPDATE consumer_position p SET starts = p.starts + 1 FROM free
  WHERE p.topic = free.topic AND p.partition = free.partition
)
SELECT p.topic, p.partition, p.next_offset, p.epoch, p.last_event_id, p.starts
FROM consumer_position p JOIN wanted USING (topic, partition)
"""

_ATTEMPT: Final = """
UPDATE consumer_position SET attempts = attempts + 1
WHERE topic = $1 AND partition = $2 AND next_offset = $3 AND epoch = $4 RETURNING attempts
"""

_ADD: Final = """
INSERT INTO consumer_position (topic, partition) SELECT * FROM unnest($1::text[], $2::int[]) ON CONFLICT DO NOTHING
"""

_MOVE: Final = """
UPDATE consumer_position p
SET next_offset = moved.next_offset, epoch = moved.epoch, last_event_id = moved.last_event_id, moved_at = now(),
  starts = 0, attempts = 0
FROM unnest($1::text[], $2::int[], $3::bigint[], $4::int[], $5::bigint[], $6::int[], $7::uuid[])
  AS moved (topic, partition, old_offset, old_epoch, next_offset, epoch, last_event_id)
WHERE p.topic = moved.topic AND p.partition = moved.partition
"""

# The compare of compare-and-set. The epoch belongs to it: after a rewind an offset can come a second time.
_UNMOVED: Final = " AND p.next_offset = moved.old_offset AND p.epoch = moved.old_epoch"


@dataclass(frozen=True, slots=True)
class Move:
    """From where to where a partition's position goes."""

    old: Reach
    new: Reach


async def load(connection: asyncpg.Connection, slots: Iterable[Slot]) -> tuple[dict[Slot, Reach], set[Slot]]:
    """Positions of the partitions, which begin at 0 when they are new, and those of them that are suspect.

    Suspect are partitions that were taken up again and again and never moved: their next event may be one that
    ends the process that handles it.
    """
    columns = list(zip(*slots, strict=True))
    if not columns:
        return {}, set()
    await connection.execute(_ADD, *columns, timeout=_SECONDS)
    rows = await connection.fetch(_LOAD, *columns, timeout=_SECONDS)
    reaches = {Slot(row[0], row[1]): Reach(row[2], row[3], row[4]) for row in rows}
    return reaches, {Slot(row[0], row[1]) for row in rows if row[5] >= SUSPECT_AFTER}


async def note_attempt(connection: asyncpg.Connection, slot: Slot, reach: Reach) -> int:
    """Put down that the event at `reach` is about to be handled; how often that was so by now.

    It is committed at once, so that it is known also if the process does not survive it.

    Raises:
        FencedError: The position is not where this consumer believed it to be.
    """
    arguments = (*slot, reach.next_offset, reach.epoch)
    attempts: int | None = await connection.fetchval(_ATTEMPT, *arguments, timeout=_SECONDS)
    if attempts is None:
        message = f"{slot} was not where this consumer believed"
        raise FencedError(message)
    return attempts


async def move(connection: asyncpg.Connection, moves: Mapping[Slot, Move], *, fence: bool) -> None:
    """Move positions, in the transaction of the effects.

    Raises:
        FencedError: A position is not where this consumer believed it to be.
    """
    result = await connection.execute(
        _MOVE + (_UNMOVED if fence else ""),
        [slot.topic for slot in moves],
        [slot.partition for slot in moves],
        [move.old.next_offset for move in moves.values()],
        [move.old.epoch for move in moves.values()],
        [move.new.next_offset for move in moves.values()],
        [move.new.epoch for move in moves.values()],
        [move.new.last_event_id for move in moves.values()],
        timeout=_SECONDS,
    )
    moved = int(result.split()[-1])
    if moved != len(moves):
        message = f"{moved} of {len(moves)} partitions were where this consumer believed"
        raise FencedError(message)
