"""The pairs of a scan, the customers that it looks at, and the groups that are there."""

from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from crm_platform.db import Connection
from customer_svc.duplicates.service import Pair

_IDS: Final = "SELECT id FROM customers WHERE id > $1 ORDER BY id LIMIT $2"
_ADD: Final = """
INSERT INTO duplicate_pairs (operation_id, left_id, right_id, score, fields) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING
"""
_SCORES: Final = "SELECT left_id, right_id, score FROM duplicate_pairs WHERE operation_id = $1"
_BETWEEN: Final = """
SELECT left_id, right_id, score, fields FROM duplicate_pairs
WHERE operation_id = $1 AND left_id = ANY ($2) AND right_id = ANY ($2) ORDER BY score DESC, left_id, right_id
"""
_FORGET: Final = "DELETE FROM duplicate_pairs WHERE operation_id = $1"
_KNOWN: Final = "SELECT 1 FROM duplicate_groups WHERE customer_ids = $1"


async def ids_after(connection: Connection, after: UUID, limit: int) -> list[UUID]:
    """The next customers, in order."""
    return [row[0] for row in await connection.fetch(_IDS, after, limit)]


async def count_customers(connection: Connection) -> int:
    """How many customers there are."""
    count: int = await connection.fetchval("SELECT count(*) FROM customers")
    return count


async def add_pairs(connection: Connection, pairs: Iterable[tuple[Any, ...]]) -> None:
    """Keep pairs: operation, lower id, higher id, score, fields."""
    await connection.executemany(_ADD, sorted(pairs))


async def scores(connection: Connection, operation_id: UUID) -> list[Pair]:
    """All pairs of a scan."""
    return [Pair(*row) for row in await connection.fetch(_SCORES, operation_id)]


async def pairs_between(connection: Connection, operation_id: UUID, ids: Sequence[UUID]) -> list[Any]:
    """The pairs of a scan among these customers, the likeliest first."""
    return list(await connection.fetch(_BETWEEN, operation_id, list(ids)))


async def is_known(connection: Connection, customer_ids: Sequence[UUID]) -> bool:
    """Whether there is a group of exactly these customers."""
    return await connection.fetchval(_KNOWN, list(customer_ids)) is not None


async def forget_pairs(connection: Connection, operation_id: UUID) -> None:
    """Remove the pairs of a scan."""
    await connection.execute(_FORGET, operation_id)
