"""What an operator does with dead letters: look, have them handled again, or discard them.

These functions need a database connection only, so an endpoint and the command line can both use them; row-level
security decides which letters they see. The handling itself is done by the service's worker (see `redrive`), which
looks for requests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

import asyncpg

from crm_platform.events.gate_store import lock_gates, set_parked
from crm_platform.events.wire import GateKey

Status = Literal["pending", "redriven", "discarded"]


class LetterNotFoundError(Exception):
    """There is no such dead letter, or it belongs to another tenant."""


class LetterSettledError(Exception):
    """The dead letter was redriven or discarded before."""


class LetterNotFirstError(Exception):
    """An earlier event of the same aggregate waits too and must be settled first."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record that was put aside."""

    id: int
    tenant_id: UUID | None
    topic: str
    partition: int
    offset: int
    event_id: UUID | None
    type: str | None
    aggregate_type: str | None
    aggregate_id: UUID | None
    version: int | None
    kind: Literal["malformed", "failed", "parked"]
    reason: str
    attempts: int
    status: Status
    redrive_requested_at: datetime | None
    created_at: datetime
    settled_at: datetime | None
    settled_by: str | None


@dataclass(frozen=True, slots=True)
class Content:
    """What a dead letter's record carried."""

    key: bytes | None
    headers: dict[str, str]
    payload: bytes | None


_COLUMNS: Final = ", ".join(f'"{name}"' for name in DeadLetter.__slots__)

_LIST: Final = f"""
SELECT {_COLUMNS} FROM dead_letter
WHERE ($1::text IS NULL OR status = $1) AND ($2::uuid IS NULL OR aggregate_id = $2)
  AND ($3::text IS NULL OR topic = $3) AND id > $4
ORDER BY id LIMIT $5
"""

_REQUEST: Final = """
UPDATE dead_letter SET redrive_requested_at = now()
WHERE status = 'pending' AND ($1::bigint[] IS NULL OR id = ANY($1)) AND ($2::uuid IS NULL OR aggregate_id = $2)
"""

_FIRST: Final = """
SELECT min(version) FROM dead_letter WHERE aggregate_type = $1 AND aggregate_id = $2 AND status = 'pending'
"""

_SETTLE: Final = "UPDATE dead_letter SET status = $2, settled_at = now(), settled_by = $3 WHERE id = $1"

_SKIP: Final = """
UPDATE consumer_gate SET version = greatest(version, $3) WHERE aggregate_type = $1 AND aggregate_id = $2
"""


async def list_letters(
    connection: asyncpg.Connection,
    *,
    status: Status | None = "pending",
    aggregate_id: UUID | None = None,
    topic: str | None = None,
    after: int = 0,
    limit: int = 100,
) -> list[DeadLetter]:
    """Dead letters in the order in which they were put aside; the next page begins after the last id."""
    rows = await connection.fetch(_LIST, status, aggregate_id, topic, after, limit)
    return [DeadLetter(*row) for row in rows]


async def get_letter(connection: asyncpg.Connection, letter_id: int) -> tuple[DeadLetter, Content]:
    """One dead letter with its record.

    Raises:
        LetterNotFoundError: There is none of that id.
    """
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS}, record_key, headers, payload FROM dead_letter WHERE id = $1", letter_id
    )
    if row is None:
        raise LetterNotFoundError
    values = tuple(row)
    return DeadLetter(*values[:-3]), Content(*values[-3:])


async def request_redrive(
    connection: asyncpg.Connection, *, ids: Sequence[int] | None = None, aggregate_id: UUID | None = None
) -> int:
    """Ask the worker to handle letters again: those with `ids`, those of an aggregate, or all; how many there are.

    For a parked aggregate the order is kept: asking for any of its letters starts with the first.
    """
    result: Any = await connection.execute(_REQUEST, list(ids) if ids is not None else None, aggregate_id)
    return int(result.split()[-1])


async def discard(connection: asyncpg.Connection, letter_id: int, *, by: str, resume: bool = True) -> None:
    """Give up on an event: its aggregate goes on as if it had been handled. Call it in a transaction.

    With `resume` the worker is asked to handle the events that waited behind it.

    Raises:
        LetterNotFoundError: There is none of that id.
        LetterSettledError: It is settled.
        LetterNotFirstError: An earlier event of the aggregate is not settled.
    """
    letter, _ = await get_letter(connection, letter_id)
    if letter.aggregate_type is None or letter.aggregate_id is None or letter.version is None:
        await _settle(connection, letter_id, "discarded", by)
        return
    key = GateKey(letter.aggregate_type, letter.aggregate_id)
    await lock_gates(connection, [key])
    # Looked up again behind the lock: the worker may have been at it.
    first = await connection.fetchval(_FIRST, *key)
    letter, _ = await get_letter(connection, letter_id)
    if letter.status == "pending" and first != letter.version:
        raise LetterNotFirstError
    await _settle(connection, letter_id, "discarded", by)
    await connection.execute(_SKIP, *key, letter.version)
    if await connection.fetchval(_FIRST, *key) is None:
        await set_parked(connection, key, parked=False)
    elif resume:
        await request_redrive(connection, aggregate_id=letter.aggregate_id)


async def _settle(connection: asyncpg.Connection, letter_id: int, status: Status, by: str) -> None:
    result = await connection.execute(_SETTLE + " AND status = 'pending'", letter_id, status, by)
    if result != "UPDATE 1":
        raise LetterSettledError


async def settle(connection: asyncpg.Connection, letter_id: int, *, by: str) -> None:
    """Note that a letter took effect after all."""
    await _settle(connection, letter_id, "redriven", by)
