"""The version gates in the database: locked before the handlers run, moved in the same transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import asyncpg

from crm_platform.events.failures import FencedError
from crm_platform.events.gate import Gate
from crm_platform.events.wire import GateKey, Record

# Locked in the order of the key, so that two consumers never wait for each other.
_LOCK: Final = """
SELECT aggregate_type, aggregate_id, version, parked
FROM consumer_gate JOIN unnest($1::text[], $2::uuid[]) AS wanted (aggregate_type, aggregate_id)
  USING (aggregate_type, aggregate_id)
ORDER BY aggregate_type, aggregate_id FOR UPDATE OF consumer_gate
"""

# A gap is closed when the version that showed it has taken effect.
_ADVANCE: Final = """
WITH advanced (aggregate_type, aggregate_id, version) AS (
  SELECT * FROM unnest($1::text[], $2::uuid[], $3::int[])
), closed AS (
  DELETE FROM consumer_gap USING advanced
  WHERE consumer_gap.aggregate_type = advanced.aggregate_type AND consumer_gap.aggregate_id = advanced.aggregate_id
    AND consumer_gap.seen_version <= advanced.version
), moved AS (
  INSERT INTO consumer_gate AS gate (aggregate_type, aggregate_id, version)
  SELECT * FROM advanced ORDER BY aggregate_type, aggregate_id
  ON CONFLICT (aggregate_type, aggregate_id) DO UPDATE SET version = excluded.version
    WHERE gate.version < excluded.version
  RETURNING 1
) SELECT count(*) FROM moved
"""

_PARK: Final = """
INSERT INTO consumer_gate (aggregate_type, aggregate_id, parked) VALUES ($1, $2, $3)
ON CONFLICT (aggregate_type, aggregate_id) DO UPDATE SET parked = excluded.parked
"""

_GAP: Final = """
INSERT INTO consumer_gap AS gap (aggregate_type, aggregate_id, last_version, seen_version, topic)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (aggregate_type, aggregate_id) DO UPDATE
SET last_version = excluded.last_version, seen_version = greatest(gap.seen_version, excluded.seen_version),
  last_seen_at = now()
"""

_INBOX: Final = "INSERT INTO inbox (event_id) SELECT unnest($1::uuid[]) ON CONFLICT DO NOTHING RETURNING event_id"


async def lock_gates(connection: asyncpg.Connection, keys: Collection[GateKey]) -> dict[GateKey, Gate]:
    """Lock the gates of aggregates and read them; those not seen before stand at version 0."""
    gates = {key: Gate() for key in keys}
    if gates:
        rows = await connection.fetch(_LOCK, [key[0] for key in gates], [key[1] for key in gates])
        for row in rows:
            gates[GateKey(row[0], row[1])] = Gate(row[2], row[3])
    return gates


async def advance_gates(connection: asyncpg.Connection, gates: Mapping[GateKey, Gate], *, fence: bool) -> None:
    """Move gates to the versions that took effect.

    Raises:
        FencedError: One is there already: another consumer, which knew the aggregate from another topic, was quicker.
    """
    if not gates:
        return
    moved = await connection.fetchval(
        _ADVANCE,
        [key.aggregate_type for key in gates],
        [key.aggregate_id for key in gates],
        [gate.version for gate in gates.values()],
    )
    if fence and moved != len(gates):
        message = f"{len(gates) - moved} aggregates were ahead"
        raise FencedError(message)


async def set_parked(connection: asyncpg.Connection, key: GateKey, *, parked: bool) -> None:
    """Keep an aggregate's further events back, or let them through again."""
    await connection.execute(_PARK, *key, parked)


async def note_gaps(connection: asyncpg.Connection, gaps: Sequence[tuple[Record, int]]) -> None:
    """Record events that came before their predecessors, with the version that took effect last."""
    if gaps:
        rows: list[tuple[Any, ...]] = [
            (record.aggregate_type, record.aggregate_id, last, record.version, record.topic) for record, last in gaps
        ]
        await connection.executemany(_GAP, rows)


async def take_new(connection: asyncpg.Connection, event_ids: Collection[UUID]) -> set[UUID]:
    """Enter event ids into the inbox; those that were not there before."""
    if not event_ids:
        return set()
    return {row[0] for row in await connection.fetch(_INBOX, list(event_ids))}
