"""Statements about the timeline."""

from collections.abc import Sequence
from uuid import UUID

from crm_platform.db import Connection
from customer_svc.timeline.domain import Entry, Source

# Sorted by every caller, so that two transactions that write the same entries never wait for each other.
_ADD = """
INSERT INTO timeline_entries AS known (
  id, source_type, source_id, version, customer_id, owner_id, team_id, kind, type, title, facts, happened_at, actor
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT (tenant_id, id) DO UPDATE SET
  version = excluded.version, title = excluded.title, facts = excluded.facts, happened_at = excluded.happened_at
WHERE known.version < excluded.version
"""
_FOLLOW = """
UPDATE timeline_entries AS known SET customer_id = told.customer_id, owner_id = told.owner_id, team_id = told.team_id
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[]) AS told (id, customer_id, owner_id, team_id)
WHERE known.source_id = told.id
AND (known.customer_id, known.owner_id, known.team_id) IS DISTINCT FROM (told.customer_id, told.owner_id, told.team_id)
"""
_KNOWN = "SELECT DISTINCT source_id FROM timeline_entries WHERE source_id = ANY ($1)"
# A customer that is there again, as a merge was undone before it was heard of, keeps what is told of it.
_FORGET = """
DELETE FROM timeline_entries WHERE customer_id = $1 AND NOT EXISTS (SELECT 1 FROM customers WHERE customers.id = $1)
"""
_HAND_OVER = "UPDATE timeline_entries SET customer_id = $2 WHERE customer_id = $1"


async def add(connection: Connection, entries: Sequence[Entry]) -> None:
    """Put happenings down; those that are there already are brought up to date, and never go back."""
    rows = [_row(entry) for entry in sorted(entries, key=lambda one: (one.id, one.source.version))]
    await connection.executemany(_ADD, rows)


def _row(entry: Entry) -> tuple[object, ...]:
    source = entry.source
    of = (entry.source_type, source.id, source.version, source.customer_id, source.owner_id, source.team_id)
    return (entry.id, *of, entry.kind, entry.type, entry.title, entry.facts, entry.happened_at, entry.actor)


async def follow(connection: Connection, sources: Sequence[Source]) -> None:
    """Give all entries of records to whom the records belong now."""
    ordered = sorted(sources, key=lambda one: one.id)
    columns = zip(*((one.id, one.customer_id, one.owner_id, one.team_id) for one in ordered), strict=True)
    await connection.execute(_FOLLOW, *map(list, columns))


async def known(connection: Connection, sources: Sequence[UUID]) -> set[UUID]:
    """Those of the records that have entries."""
    return {row[0] for row in await connection.fetch(_KNOWN, list(sources))}


async def forget(connection: Connection, customer_id: UUID) -> None:
    """Drop the timeline of a customer that is no more."""
    await connection.execute(_FORGET, customer_id)


async def hand_over(connection: Connection, customer_id: UUID, survivor_id: UUID) -> None:
    """Let what happened to a customer stand with the one into which it was merged."""
    await connection.execute(_HAND_OVER, customer_id, survivor_id)
