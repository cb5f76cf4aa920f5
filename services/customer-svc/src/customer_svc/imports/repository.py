"""Statements that look many rows up at once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from crm_platform.db import Connection
from crm_platform.db.arrays import names_literal, plain_literal

_BY_REF: Final = """
SELECT external_id AS value, customer_id AS id FROM customer_refs WHERE system = $1 AND external_id = ANY($2)
"""
_BY_KEY: Final = (
    "SELECT key AS value, record_id AS id FROM customer_keys WHERE kind = $1 AND key = ANY($2::text::uuid[])"
)
_BY_NAME: Final = "SELECT name_key AS value, id FROM customers WHERE name_key = ANY($1)"
# One look-up for each key: joined, all keys of the operation so far would be read, as the planner takes them for few.
_FIND_KEYS: Final = """
SELECT wanted.kind, wanted.key, found.number FROM unnest($2::text::text[], $3::text::uuid[]) AS wanted (kind, key)
CROSS JOIN LATERAL (
  SELECT number FROM import_row_keys AS keys
  WHERE keys.operation_id = $1 AND keys.kind = wanted.kind AND keys.key = wanted.key LIMIT 1
) AS found
"""
_ADD_KEYS: Final = """
INSERT INTO import_row_keys (operation_id, kind, key, number)
SELECT $1, given.kind, given.key, given.number FROM unnest($2::text::text[], $3::text::uuid[], $4::text::bigint[])
  AS given (kind, key, number)
ON CONFLICT DO NOTHING
"""
_FORGET_KEYS: Final = "DELETE FROM import_row_keys WHERE operation_id = $1"
_WRITTEN: Final = """
SELECT number, outcome, subject_id, (detail->>'version')::int AS version FROM operation_results
WHERE operation_id = $1 AND number < $2 AND outcome IN ('created', 'updated') ORDER BY number DESC LIMIT $3
"""
_BEFORE: Final = """
SELECT entry.aggregate_id, entry.entry_id, entry.before, entry.after FROM audit_entries AS entry
JOIN unnest($1::uuid[], $2::int[]) AS wanted (id, version)
  ON entry.aggregate_type = 'customer' AND entry.aggregate_id = wanted.id AND entry.version = wanted.version
"""
_LAST: Final = "SELECT coalesce(max(number), 0) FROM operation_results WHERE operation_id = $1"
_WRITTEN_SINCE: Final = """
SELECT subject_id FROM operation_results
WHERE operation_id = $1 AND number > $2 AND outcome IN ('created', 'updated')
"""
_RESULTS: Final = """
SELECT number, outcome, subject_id, problem, detail FROM operation_results
WHERE operation_id = $1 AND number > $2 ORDER BY number LIMIT $3
"""

_ABOUT: Final = """
SELECT operation.input->>'import_id' AS import_id, max(erased.at) AS at
FROM unnest($1::uuid[], $2::timestamptz[]) AS erased (id, at)
JOIN operation_results AS result ON result.subject_id = erased.id
JOIN operations AS operation ON operation.id = result.operation_id AND operation.kind LIKE 'imports.%'
GROUP BY 1
"""

RowKey = tuple[str, UUID]


async def by_external_id(connection: Connection, system: str, values: Collection[str]) -> list[Any]:
    """Customers by the ids under which a system knows them: value, id."""
    return list(await connection.fetch(_BY_REF, system, list(values)))


async def by_key(connection: Connection, kind: str, keys: Collection[UUID]) -> list[Any]:
    """Customers by blind keys of one kind: value, id."""
    return list(await connection.fetch(_BY_KEY, kind, plain_literal(keys)))


async def by_name(connection: Connection, keys: Collection[str]) -> list[Any]:
    """Customers by the keys of their names: value, id."""
    return list(await connection.fetch(_BY_NAME, list(keys)))


async def find_row_keys(connection: Connection, operation_id: UUID, wanted: Collection[RowKey]) -> dict[RowKey, int]:
    """The earlier rows that have these keys."""
    kinds, keys = [kind for kind, _ in wanted], [key for _, key in wanted]
    rows = await connection.fetch(_FIND_KEYS, operation_id, names_literal(kinds), plain_literal(keys))
    return {(row["kind"], row["key"]): row["number"] for row in rows}


async def add_row_keys(connection: Connection, operation_id: UUID, keys: Iterable[tuple[RowKey, int]]) -> None:
    """Remember the keys of rows."""
    given = sorted((*key, number) for key, number in keys)
    if given:
        kinds, values, numbers = zip(*given, strict=True)
        arrays = names_literal(kinds), plain_literal(values), plain_literal(numbers)
        await connection.execute(_ADD_KEYS, operation_id, *arrays)


async def forget_row_keys(connection: Connection, operation_id: UUID) -> None:
    """Forget all keys of an operation."""
    await connection.execute(_FORGET_KEYS, operation_id)


async def written_by(connection: Connection, operation_id: UUID, *, before: int, limit: int) -> Sequence[Any]:
    """Rows by which an operation has changed customers, the last ones first: number, outcome, subject, version."""
    return list(await connection.fetch(_WRITTEN, operation_id, before, limit))


async def last_row(connection: Connection, operation_id: UUID) -> int:
    """The last row of which something has become; 0 before the first."""
    number: int = await connection.fetchval(_LAST, operation_id)
    return number


async def written_since(connection: Connection, operation_id: UUID, row: int) -> set[UUID]:
    """The customers that rows behind this one have entered or changed."""
    return {found[0] for found in await connection.fetch(_WRITTEN_SINCE, operation_id, row)}


async def entries_of(connection: Connection, changes: Collection[tuple[UUID, int]]) -> list[Any]:
    """Audit entries of the changes that led to these versions of customers."""
    ids, versions = [id for id, _ in changes], [version for _, version in changes]
    return list(await connection.fetch(_BEFORE, ids, versions)) if ids else []


async def imports_about(connection: Connection, erased: Mapping[UUID, datetime]) -> dict[UUID, datetime]:
    """The imports of which a row was about one of these customers, and when the last of these was erased."""
    rows = await connection.fetch(_ABOUT, list(erased), list(erased.values())) if erased else []
    return {UUID(row["import_id"]): row["at"] for row in rows}


async def results_of(connection: Connection, operation_id: UUID, *, after: int, limit: int) -> Sequence[Any]:
    """What became of the next rows."""
    return list(await connection.fetch(_RESULTS, operation_id, after, limit))
