"""The queue in the database: taking up operations, keeping them, giving them back.

A claim is a token with a time limit on the operation's row. Whatever its holder writes, it writes on condition that
the token is still there, in the transaction of the effects: a worker that was frozen while another took over cannot
commit. Times are the database's.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg

from crm_platform.db import Connection
from crm_platform.events.failures import FencedError
from crm_platform.ids import new_id
from crm_platform.operations.kinds import Progress
from crm_platform.operations.lifecycle import OperationStatus, Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """An operation that this worker is at, as it was when it was taken up."""

    id: UUID
    tenant_id: UUID
    claim: UUID
    kind: str
    status: OperationStatus
    wish: Wish | None
    input: Any
    caller: dict[str, Any] | None
    cause: dict[str, Any]
    cursor: Any
    done: int
    total: int | None
    counters: dict[str, int]
    failures: int
    deaths: int
    created_at: datetime


async def claim(system: Connection, kinds: list[str], *, per_tenant: int, lease: timedelta) -> Claimed | None:
    """Take up the next operation that is due, of the company that has waited longest for a turn.

    Args:
        system: A transaction over all tenants.
        kinds: Those that this worker knows.
        per_tenant: How many of one company may be under way at the same time, at all workers.
        lease: How long the claim lasts unless it is kept.
    """
    # The company's row stays locked to the end, so that nobody counts its operations while one is being added.
    tenant = await system.fetchval(_NEXT_TENANT, kinds, per_tenant)
    if tenant is None:
        return None
    await system.execute(_SERVED, tenant)
    row = await system.fetchrow(_CLAIM, tenant, kinds, per_tenant, lease, new_id())
    return None if row is None else _claimed(row)


def _claimed(row: asyncpg.Record) -> Claimed:
    values = dict(row)
    wish = values.pop("wish")
    status = OperationStatus(values.pop("status"))
    return Claimed(**values, status=status, wish=Wish(wish) if wish else None)


async def next_due(system: Connection) -> float | None:
    """Seconds until an operation is due, or a claim runs out; negative where one is; None where nothing is queued."""
    seconds: float | None = await system.fetchval(_NEXT_DUE)
    return seconds


async def keep(system: Connection, mine: Claimed, lease: timedelta, *, done: int | None = None) -> Wish | None:
    """Keep the claim for another lease, and show that so much is done; returns what somebody has asked for.

    What is shown never falls: a computation that begins anew does not take back what was seen of the one before.

    Raises:
        FencedError: Somebody else has the operation now.
    """
    row = await system.fetchrow(_KEEP, mine.id, mine.claim, lease, done)
    _confirm(row)
    return Wish(row["wish"]) if row["wish"] else None


async def give_back(system: Connection, mine: Claimed) -> None:
    """Let others go on; it is paused, if somebody has asked for that, or goes to the end of its company's queue."""
    _confirm(await system.fetchrow(_GIVE_BACK, mine.id, mine.claim))


async def put_off(system: Connection, mine: Claimed, error: str, delay: float) -> None:
    """Have the failed step tried again after so many seconds."""
    _confirm(await system.fetchrow(_PUT_OFF, mine.id, mine.claim, error, timedelta(seconds=delay)))


async def advance(
    connection: Connection, mine: Claimed, cursor: Any, progress: Progress, lease: timedelta
) -> Wish | None:
    """Move the cursor, in the transaction of the step; returns what somebody has asked for.

    Raises:
        FencedError: Somebody else has the operation now; the step must not commit.
    """
    row = await connection.fetchrow(_ADVANCE, mine.id, mine.claim, cursor, *_figures(progress), lease)
    _confirm(row)
    return Wish(row["wish"]) if row["wish"] else None


async def wait(connection: Connection, mine: Claimed, cursor: Any, progress: Progress, at: datetime) -> None:
    """Go back to the queue until a moment, in the transaction of the step.

    Raises:
        FencedError: Somebody else has the operation now.
    """
    _confirm(await connection.fetchrow(_WAIT, mine.id, mine.claim, cursor, *_figures(progress), at))


async def finish(
    connection: Connection,
    mine: Claimed,
    status: OperationStatus,
    progress: Progress,
    *,
    result: Any = None,
    problem: dict[str, Any] | None = None,
    error: str | None = None,
) -> None:
    """End it, in the transaction of its last effects.

    Raises:
        FencedError: Somebody else has the operation now.
    """
    row = await connection.fetchrow(
        _FINISH, mine.id, mine.claim, status.value, *_figures(progress), result, problem, error
    )
    _confirm(row)


@dataclass(frozen=True, slots=True)
class Figures:
    """What there is in the queue of all companies."""

    waiting: int
    running: int
    oldest_seconds: float


async def figures(system: Connection) -> Figures:
    """Count the queue, up to 10 000 operations."""
    return Figures(**dict(await system.fetchrow(_FIGURES)))


def _figures(progress: Progress) -> tuple[int, int | None, dict[str, int]]:
    return progress.done, progress.total, progress.counters


def _confirm(row: object) -> None:
    if row is None:
        message = "another worker has the operation now, or it was set anew"
        raise FencedError(message)


_NEXT_DUE: Final = "SELECT extract(epoch FROM min(due_at) - now())::float8 FROM operations WHERE due_at IS NOT NULL"
_FIGURES: Final = """
SELECT
  count(*) FILTER (WHERE due_at <= now()) AS waiting,
  count(*) FILTER (WHERE due_at > now() AND claim IS NOT NULL) AS running,
  coalesce(extract(epoch FROM now() - min(due_at) FILTER (WHERE due_at <= now())), 0)::float8 AS oldest_seconds
FROM (SELECT due_at, claim FROM operations WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 10000) queued
"""
_UNDER_WAY: Final = """(
  SELECT count(*) FROM operations held
  WHERE held.tenant_id = turn.tenant_id AND held.due_at > now() AND held.claim IS NOT NULL
)"""
_NEXT_TENANT: Final = f"""
SELECT turn.tenant_id FROM operation_turns turn
WHERE EXISTS (
  SELECT 1 FROM operations waiting
  WHERE waiting.tenant_id = turn.tenant_id AND waiting.due_at <= now() AND waiting.kind = ANY ($1)
) AND {_UNDER_WAY} < $2
ORDER BY turn.served_at, turn.tenant_id LIMIT 1 FOR UPDATE OF turn SKIP LOCKED
"""
_SERVED: Final = "UPDATE operation_turns SET served_at = clock_timestamp() WHERE tenant_id = $1"
# A new statement sees what was committed before the lock was ours. NO KEY, since a worker that froze after it had
# recorded results keeps the row's key locked by their foreign key.
_CLAIM: Final = f"""
UPDATE operations SET
  version = version + 1, claim = $5, due_at = now() + $4, heartbeat_at = now(),
  status = CASE WHEN wish IS NULL THEN 'running' ELSE status END, started_at = coalesce(started_at, now()),
  deaths = deaths + CASE WHEN claim IS NULL THEN 0 ELSE 1 END
WHERE id = (
  SELECT waiting.id FROM operation_turns turn JOIN operations waiting USING (tenant_id)
  WHERE turn.tenant_id = $1 AND waiting.due_at <= now() AND waiting.kind = ANY ($2) AND {_UNDER_WAY} < $3
  ORDER BY waiting.due_at, waiting.id LIMIT 1 FOR NO KEY UPDATE OF waiting SKIP LOCKED
)
RETURNING id, tenant_id, claim, kind, status, wish, input, caller, cause, cursor, done, total, counters, failures,
  deaths, created_at
"""
_MINE: Final = "WHERE id = $1 AND claim = $2"
_KEEP: Final = f"""
UPDATE operations SET due_at = now() + $3, heartbeat_at = now(), done = greatest(done, $4),
  version = version + CASE WHEN $4 > done THEN 1 ELSE 0 END
{_MINE} RETURNING wish
"""
_FREE: Final = "version = version + 1, claim = NULL"


def _resting(status: str, due_at: str) -> str:
    """Assignments that leave an operation to itself: paused if that was asked for, else due at some moment."""
    return f"""{_FREE},
  status = CASE wish WHEN 'pause' THEN 'paused' ELSE {status} END,
  due_at = CASE wish WHEN 'pause' THEN NULL WHEN 'cancel' THEN clock_timestamp() ELSE {due_at} END,
  wish = CASE wish WHEN 'cancel' THEN wish END"""


_GIVE_BACK: Final = f"UPDATE operations SET {_resting('status', 'clock_timestamp()')} {_MINE} RETURNING id"
_PUT_OFF: Final = f"""
UPDATE operations SET {_resting("status", "clock_timestamp() + $4")}, failures = failures + 1, last_error = $3
{_MINE} RETURNING id
"""
_MOVED: Final = """
  cursor = $3, done = $4, total = $5, counters = $6, failures = 0, deaths = 0, last_error = NULL,
  heartbeat_at = now()
"""
_ADVANCE: Final = f"""
UPDATE operations SET version = version + 1, {_MOVED}, due_at = clock_timestamp() + $7 {_MINE} RETURNING wish
"""
_WAIT: Final = f"""
UPDATE operations SET {_resting("'queued'", "$7")}, {_MOVED} {_MINE} RETURNING id
"""
_FINISH: Final = f"""
UPDATE operations SET {_FREE}, status = $3, wish = NULL, due_at = NULL, finished_at = clock_timestamp(),
  done = $4, total = $5, counters = $6, result = $7, problem = $8, last_error = coalesce($9, last_error)
{_MINE} RETURNING id
"""
