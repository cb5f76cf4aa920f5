"""What the relay does to the outbox table: fetch in order, mark as published, measure the lag."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, NamedTuple

import asyncpg

from crm_platform.events.kafka import MAX_RECORD_BYTES, Slot
from crm_platform.events.publish import Published
from crm_platform.events.wire import OUTBOX_COLUMNS, OutboxRow

LeaderTask = Callable[[asyncpg.Connection], Awaitable[bool]]
"""Work of the leading relay on its own connection; true when there may be more to do right away."""

CHANNEL: Final = "SELECT 'outbox_' || current_schema()"
"""The LISTEN channel, see `bell`."""

BATCH_BYTES: Final = 8_000_000
LAG_LIMIT: Final = 10_000
_SECONDS: Final = 10.0

# The size of a batch is bounded in bytes too: five hundred large payloads would not fit into memory or a request.
_FETCH: Final = f"""
SELECT {OUTBOX_COLUMNS} FROM (
  SELECT *, sum(octet_length(payload)) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING) - octet_length(payload) AS before
  FROM (
    SELECT {OUTBOX_COLUMNS} FROM outbox
    WHERE published_at IS NULL AND topic = ANY($1::text[]) AND octet_length(payload) <= $2
    ORDER BY id LIMIT $3
  ) AS pending
) AS sized WHERE before < $4 ORDER BY id
"""

# One statement, so that rows and positions move together in one round trip.
_MARK: Final = """
WITH positions AS (
  INSERT INTO relay_position (topic, partition, next_offset, last_event_id)
  SELECT * FROM unnest($5::text[], $6::int[], $7::bigint[], $8::uuid[])
  ON CONFLICT (topic, partition)
  DO UPDATE SET next_offset = excluded.next_offset, last_event_id = excluded.last_event_id
), marked AS (
  UPDATE outbox SET published_at = clock_timestamp(), partition = sent.partition, "offset" = sent.log_offset,
    epoch = sent.epoch
  FROM unnest($1::bigint[], $2::int[], $3::bigint[], $4::int[]) AS sent (row_id, partition, log_offset, epoch)
  WHERE outbox.id = sent.row_id AND outbox.published_at IS NULL
  RETURNING 1
) SELECT count(*) FROM marked
"""

_LAG: Final = """
SELECT count(*) FILTER (WHERE sendable),
  coalesce(extract(epoch FROM clock_timestamp() - min(occurred_at) FILTER (WHERE sendable)), 0)::float,
  count(*) FILTER (WHERE NOT sendable)
FROM (
  SELECT occurred_at, topic = ANY($1::text[]) AND octet_length(payload) <= $2 AS sendable
  FROM outbox WHERE published_at IS NULL ORDER BY id LIMIT $3
) AS pending
"""


class Lag(NamedTuple):
    """How far the relay is behind."""

    rows: int
    seconds: float
    stuck_rows: int
    """Rows for unknown topics, or larger than a record may be."""


async def fetch_pending(
    connection: asyncpg.Connection, topics: Sequence[str], limit: int
) -> tuple[list[OutboxRow], bool]:
    """The oldest rows that wait to be published, in the order of their recording, and whether there may be more."""
    fetched = await connection.fetch(_FETCH, topics, MAX_RECORD_BYTES, limit, BATCH_BYTES, timeout=_SECONDS)
    rows = [OutboxRow(*row) for row in fetched]
    full = sum(len(row.payload) for row in rows) > BATCH_BYTES - MAX_RECORD_BYTES
    return rows, full or len(rows) == limit


async def mark_published(connection: asyncpg.Connection, published: Sequence[Published]) -> int:
    """Record where the rows went, and how far each partition is; the number of rows that were still unpublished."""
    last: dict[Slot, Published] = {}
    for item in published:
        last[item.slot] = item
    marked = await connection.fetchval(
        _MARK,
        [item.row.id for item in published],
        [item.slot.partition for item in published],
        [item.offset for item in published],
        [item.epoch for item in published],
        [slot.topic for slot in last],
        [slot.partition for slot in last],
        [item.offset + 1 for item in last.values()],
        [item.row.event_id for item in last.values()],
        timeout=_SECONDS,
    )
    return int(marked)


async def lag(connection: asyncpg.Connection, topics: Sequence[str]) -> Lag:
    """How many rows wait (counted up to `LAG_LIMIT`), and for how long the oldest has."""
    row = await connection.fetchrow(_LAG, topics, MAX_RECORD_BYTES, LAG_LIMIT, timeout=_SECONDS)
    return Lag(*row)
