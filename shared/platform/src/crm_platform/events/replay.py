"""Publishing again: retained events on request, and current states as snapshots.

A request is a row, so that any process can make one and it survives a crash; the leading relay works on it in small
portions between its batches. Events are replayed by marking their outbox rows unpublished: they go out in the order
of their recording, before anything newer, are healed like all others, and have no effect where they had one before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, NamedTuple, Protocol
from uuid import UUID

import asyncpg
import structlog

from crm_platform.events.crashpoints import crashpoint
from crm_platform.events.metrics import EventMetrics
from crm_platform.ids import new_id

_log = structlog.get_logger(__name__)

WINDOW: Final = 20_000
"""Rows looked at in one search."""

PORTION: Final = 500
"""Rows made ready at a time: newly recorded events wait behind at most so many."""


class State(NamedTuple):
    """The current state of an aggregate, as its events carry it."""

    aggregate_id: UUID
    version: int
    payload: bytes
    """JSON data with `state`, `changed` (empty) and `reason`."""


class SnapshotSource(Protocol):
    """Where the current states of one kind of aggregate come from; the service provides one for each."""

    topic: str

    async def tenants(self, connection: asyncpg.Connection) -> Sequence[UUID]:
        """All tenants that may have such aggregates. The connection sees the mechanism tables of all tenants."""
        ...

    async def page(self, connection: asyncpg.Connection, after: UUID | None, limit: int) -> Sequence[State]:
        """The next states of the connection's tenant by id.

        Rows must be read with `FOR SHARE`: the next change of an aggregate is then recorded after its snapshot, or
        a reader that begins with snapshots would see it too early and miss it.
        """
        ...


@dataclass(frozen=True, slots=True)
class ReplayRequest:
    """A request and how far it is."""

    id: int
    kind: Literal["events", "snapshot"]
    tenant_id: UUID | None
    topic: str | None
    aggregate_type: str | None
    aggregate_id: UUID | None
    from_version: int
    since: datetime | None
    until: datetime | None
    requested_by: str
    status: Literal["pending", "done", "failed", "cancelled"]
    cursor: str | None
    rows: int
    error: str | None
    created_at: datetime
    finished_at: datetime | None


_COLUMNS: Final = ", ".join(f'"{name}"' for name in ReplayRequest.__slots__)

_ADD: Final = """
INSERT INTO replay_request (kind, requested_by, tenant_id, topic, aggregate_type, aggregate_id, from_version, since,
  until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id
"""

# Looks at a window of the outbox at a time, so that the relay is never held up by a long search. Only the rows of one
# aggregate are found by an index.
_EVENTS: Final = """
WITH looked_at AS (
  SELECT id, published_at, snapshot, tenant_id, topic, aggregate_type, version, occurred_at
  FROM outbox WHERE id > $1 {of_aggregate} ORDER BY id LIMIT $2
), portion AS (
  SELECT id FROM looked_at WHERE published_at IS NOT NULL AND NOT snapshot {criteria} ORDER BY id LIMIT $3
), again AS (
  UPDATE outbox SET published_at = NULL, partition = NULL, "offset" = NULL, epoch = NULL
  FROM portion WHERE outbox.id = portion.id
)
SELECT (SELECT count(*) FROM portion), (SELECT max(id) FROM portion), count(*), max(id) FROM looked_at
"""

_CRITERIA: Final = {
    "tenant_id": "tenant_id = ",
    "topic": "topic = ",
    "aggregate_type": "aggregate_type = ",
    "from_version": "version >= ",
    "since": "occurred_at >= ",
    "until": "occurred_at < ",
}
"""Conditions for what a request names. Only those are written into the statement, so that it is planned for them."""

_SNAPSHOT: Final = """
INSERT INTO outbox (event_id, tenant_id, aggregate_type, aggregate_id, version, snapshot, type, topic, headers, payload)
VALUES ($1, $2, $3, $4, $5, true, $3 || '.snapshot', $6, $7, $8)
ON CONFLICT (aggregate_type, aggregate_id, version, snapshot) DO UPDATE
SET event_id = excluded.event_id, occurred_at = now(), headers = excluded.headers, payload = excluded.payload,
  published_at = NULL, partition = NULL, "offset" = NULL, epoch = NULL
"""

_PROGRESS: Final = """
UPDATE replay_request SET cursor = $2, rows = rows + $3, status = $4, error = $5,
  finished_at = CASE WHEN $4 = 'pending' THEN NULL ELSE now() END WHERE id = $1
"""


async def request_replay(
    connection: asyncpg.Connection,
    *,
    by: str,
    tenant_id: UUID | None = None,
    topic: str | None = None,
    aggregate_type: str | None = None,
    aggregate_id: UUID | None = None,
    from_version: int = 1,
    since: datetime | None = None,
    until: datetime | None = None,
) -> int:
    """Ask for events to be published again: of a topic, an aggregate, a time range or a combination; the request's id.

    To close a gap, leave the end open: what came after the missing event was skipped too.
    """
    criteria = (tenant_id, topic, aggregate_type, aggregate_id, from_version, since, until)
    return int(await connection.fetchval(_ADD, "events", by, *criteria))


async def request_snapshot(
    connection: asyncpg.Connection,
    *,
    by: str,
    aggregate_type: str,
    tenant_id: UUID | None = None,
) -> int:
    """Ask for the current states of all aggregates of a kind, for consumers without their events; the request's id."""
    return int(await connection.fetchval(_ADD, "snapshot", by, tenant_id, None, aggregate_type, None, 1, None, None))


async def list_requests(connection: asyncpg.Connection, *, limit: int = 50) -> list[ReplayRequest]:
    """The latest requests, newest first."""
    rows = await connection.fetch(f"SELECT {_COLUMNS} FROM replay_request ORDER BY id DESC LIMIT $1", limit)
    return [ReplayRequest(*row) for row in rows]


async def cancel_request(connection: asyncpg.Connection, request_id: int) -> bool:
    """Stop working on a request; whether it was still open. What was made ready goes out nevertheless."""
    result = await connection.execute(
        "UPDATE replay_request SET status = 'cancelled', finished_at = now() WHERE id = $1 AND status = 'pending'",
        request_id,
    )
    return bool(result == "UPDATE 1")


class Replayer:
    """Works on requests, a portion at each call; the leading relay calls it between batches."""

    def __init__(
        self, sources: Mapping[str, SnapshotSource] | None = None, *, metrics: EventMetrics | None = None
    ) -> None:
        """`sources` are by aggregate type."""
        self._sources = sources or {}
        self._metrics = metrics or EventMetrics()

    async def __call__(self, connection: asyncpg.Connection) -> bool:
        """Make the next portion of the oldest open request ready; whether there was one."""
        async with connection.transaction():
            row = await connection.fetchrow(
                f"SELECT {_COLUMNS} FROM replay_request WHERE status = 'pending' ORDER BY id LIMIT 1 FOR UPDATE"
            )
            if row is None:
                return False
            request = ReplayRequest(*row)
            if request.kind == "events":
                await self._events(connection, request)
            else:
                await self._snapshot(connection, request)
            crashpoint("replay.before_commit")
        return True

    async def _events(self, connection: asyncpg.Connection, request: ReplayRequest) -> None:
        statement, arguments = _search(request)
        count, last, looked_at, end = await connection.fetchrow(statement, *arguments)
        if count == PORTION:
            await self._advance(connection, request, "pending", cursor=str(last), rows=count)
            return
        # Without an end the request also takes in what was published since, until it has caught up.
        status = "done" if looked_at < WINDOW else "pending"
        await self._advance(connection, request, status, cursor=str(end or request.cursor or 0), rows=count)

    async def _snapshot(self, connection: asyncpg.Connection, request: ReplayRequest) -> None:
        source = self._sources.get(request.aggregate_type or "")
        if source is None:
            error = f"no snapshots of {request.aggregate_type!r} here; known: {sorted(self._sources)}"
            await self._advance(connection, request, "failed", error=error)
            return
        tenants = [request.tenant_id] if request.tenant_id else sorted(await source.tenants(connection))
        done, _, last = (request.cursor or "").partition("/")
        waiting = [tenant for tenant in tenants if not done or str(tenant) >= done]
        if not waiting:
            await self._advance(connection, request, "done", cursor=request.cursor)
            return
        tenant = waiting[0]
        after = UUID(last) if last and str(tenant) == done else None
        await connection.execute("SELECT set_config('crm.tenant_id', $1, true)", str(tenant))
        states = await source.page(connection, after, PORTION)
        await self._publish(connection, request, source.topic, tenant, states)
        full = len(states) == PORTION
        # The character behind all digits of a UUID: everything of this tenant lies before it.
        cursor = f"{tenant}/{states[-1].aggregate_id}" if full else f"{tenant}~"
        status = "pending" if full or len(waiting) > 1 else "done"
        await self._advance(connection, request, status, cursor=cursor, rows=len(states))

    async def _publish(
        self,
        connection: asyncpg.Connection,
        request: ReplayRequest,
        topic: str,
        tenant: UUID,
        states: Sequence[State],
    ) -> None:
        headers = {"correlation_id": str(new_id()), "actor": request.requested_by, "origin": "crm"}
        kind = request.aggregate_type
        await connection.executemany(
            _SNAPSHOT,
            [
                (new_id(), tenant, kind, state.aggregate_id, state.version, topic, headers, state.payload)
                for state in states
            ],
        )

    async def _advance(
        self,
        connection: asyncpg.Connection,
        request: ReplayRequest,
        status: str,
        *,
        cursor: str | None = None,
        rows: int = 0,
        error: str | None = None,
    ) -> None:
        await connection.execute(_PROGRESS, request.id, cursor, rows, status, error)
        self._metrics.replayed.labels(request.kind).inc(rows)
        if status != "pending":
            _log.info("replay_finished", request=request.id, kind=request.kind, status=status, error=error)


def _search(request: ReplayRequest) -> tuple[str, list[object]]:
    """The statement that makes the next portion of a request ready, and its arguments."""
    arguments: list[object] = [int(request.cursor or 0), WINDOW, PORTION]
    criteria = ""
    for name, condition in _CRITERIA.items():
        if (value := getattr(request, name)) is not None:
            arguments.append(value)
            criteria += f" AND {condition}${len(arguments)}"
    of_aggregate = ""
    if request.aggregate_id is not None:
        arguments.append(request.aggregate_id)
        of_aggregate = f"AND aggregate_id = ${len(arguments)}"
    return _EVENTS.format(criteria=criteria, of_aggregate=of_aggregate), arguments
