"""The worker's side of redriving: handles requested dead letters again, each aggregate's in order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

import structlog

from crm_platform.db.database import connect_dedicated
from crm_platform.events.crashpoints import crashpoint
from crm_platform.events.dead_letters import settle
from crm_platform.events.failures import passes, reason_of
from crm_platform.events.gate import Gate, Verdict, judge
from crm_platform.events.gate_store import advance_gates, lock_gates, set_parked, take_new
from crm_platform.events.kafka import bounded
from crm_platform.events.letters import SEE_ALL, SEE_TENANT, to_raw
from crm_platform.events.metrics import EventMetrics
from crm_platform.events.subscriptions import HandlerError, Registry
from crm_platform.events.supervise import keep_running, wait_any
from crm_platform.events.wire import GateKey, MalformedError, Record, decode

_log = structlog.get_logger(__name__)

_REQUESTED: Final = """
SELECT id, aggregate_type, aggregate_id FROM dead_letter
WHERE status = 'pending' AND redrive_requested_at IS NOT NULL ORDER BY redrive_requested_at, id LIMIT 100
"""

_NEXT: Final = """
SELECT id, topic, partition, "offset", record_key, headers, payload FROM dead_letter
WHERE aggregate_type = $1 AND aggregate_id = $2 AND status = 'pending' ORDER BY version, id LIMIT 1 FOR UPDATE
"""

_ONE: Final = """
SELECT id, topic, partition, "offset", record_key, headers, payload FROM dead_letter
WHERE id = $1 AND status = 'pending' FOR UPDATE
"""

_REFUSE: Final = """
UPDATE dead_letter SET attempts = attempts + (id = $1)::int, redrive_requested_at = NULL,
  reason = CASE WHEN id = $1 THEN $2 ELSE reason END
WHERE status = 'pending' AND (id = $1 OR (aggregate_type = $3 AND aggregate_id = $4))
"""

_COUNTS: Final = """
SELECT (SELECT count(*) FROM dead_letter WHERE status = 'pending'), (SELECT count(*) FROM consumer_gap)
"""

BY: Final = "worker"
TRANSACTION_SECONDS: Final = 30.0


class _RefusedError(Exception):
    """The letter cannot be handled yet."""

    def __init__(self, letter_id: int, reason: str) -> None:
        super().__init__(reason)
        self.letter_id = letter_id
        self.reason = reason


class Redriver:
    """Handles requested dead letters for as long as `run` runs. Several may run; gates keep them apart."""

    def __init__(
        self,
        *,
        dsn: str,
        registry: Registry,
        metrics: EventMetrics | None = None,
        after_commit: Callable[[], None] = lambda: None,
        poll: float = 1.0,
    ) -> None:
        """`poll` is the time in seconds between two looks for requests."""
        self._dsn = dsn
        self._registry = registry
        self._metrics = metrics or EventMetrics()
        self._after_commit = after_commit
        self._poll = poll

    async def run(self, stop: asyncio.Event) -> None:
        """Look for requests until `stop`."""
        await keep_running(lambda: self._session(stop), stop, name="redrive")

    async def _session(self, stop: asyncio.Event) -> None:
        connection = await connect_dedicated(
            self._dsn,
            name="crm-redrive",
            idle_in_transaction_session_timeout="6000",
            lock_timeout="5000",
            tcp_user_timeout="6000",
        )
        try:
            while not stop.is_set():
                if not await self._round(connection):
                    await wait_any(self._poll, stop)
        finally:
            connection.terminate()

    async def _round(self, connection: Any) -> bool:
        """Handle what is requested; whether there was anything."""
        async with asyncio.timeout(TRANSACTION_SECONDS), connection.transaction():
            await connection.execute(SEE_ALL)
            requests = await connection.fetch(_REQUESTED)
            pending, gaps = await connection.fetchrow(_COUNTS)
        self._metrics.dead_letters_pending.set(pending)
        self._metrics.gaps.set(gaps)
        for key in {GateKey(row[1], row[2]) for row in requests if row[1] is not None}:
            await self._settle(connection, partial(self._next_of, connection, key), key)
        for row in requests:
            if row[1] is None:
                await self._settle(connection, partial(self._single, connection, row[0]), None)
        return bool(requests)

    async def _settle(self, connection: Any, step: Callable[[], Awaitable[bool]], key: GateKey | None) -> None:
        try:
            while await bounded(step(), TRANSACTION_SECONDS):
                self._after_commit()
        except _RefusedError as refused:
            _log.warning("redrive_refused", letter=refused.letter_id, reason=refused.reason[:200])
            async with asyncio.timeout(TRANSACTION_SECONDS), connection.transaction():
                await connection.execute(SEE_ALL)
                await connection.execute(_REFUSE, refused.letter_id, refused.reason, *(key or (None, None)))

    async def _next_of(self, connection: Any, key: GateKey) -> bool:
        """Handle the first letter of an aggregate in one transaction; False when none is left."""
        async with connection.transaction():
            gate = (await lock_gates(connection, [key]))[key]
            await connection.execute(SEE_ALL)
            row = await connection.fetchrow(_NEXT, *key)
            if row is None:
                await set_parked(connection, key, parked=False)
                return False
            await self._handle(connection, row, _understand(row), gate)
            crashpoint("redrive.after_effects_before_commit")
        return True

    async def _single(self, connection: Any, letter_id: int) -> bool:
        """Handle a letter that had no aggregate (a broken record, or an event without a version)."""
        async with connection.transaction():
            await connection.execute(SEE_ALL)
            row = await connection.fetchrow(_ONE, letter_id)
            if row is None:
                return False
            record = _understand(row)
            gate = Gate()
            if record.gate_key is not None:
                gate = (await lock_gates(connection, [record.gate_key]))[record.gate_key]
            await self._handle(connection, row, record, gate)
        return False

    async def _handle(self, connection: Any, row: Any, record: Record, gate: Gate) -> None:
        if record.gate_key is None:
            await take_new(connection, [record.event_id])
            verdict = Verdict.APPLY
        else:
            verdict = judge(Gate(gate.version), record.version, snapshot=record.snapshot)
        if verdict is Verdict.GAP:
            raise _RefusedError(row["id"], f"version {gate.version + 1} of the aggregate is missing")
        if verdict is Verdict.APPLY:
            await connection.execute(SEE_TENANT)
            try:
                await self._registry.run(connection, [record])
            except HandlerError as error:
                if passes(error):
                    raise error.error from error
                raise _RefusedError(row["id"], reason_of(error)) from error
            if record.gate_key is not None:
                await advance_gates(connection, {record.gate_key: Gate(record.version)}, fence=True)
            await connection.execute(SEE_ALL)
        await settle(connection, row["id"], by=BY)
        self._metrics.handled.labels(record.topic).inc(verdict is Verdict.APPLY)


def _understand(row: Any) -> Record:
    try:
        return decode(to_raw(row))
    except MalformedError as error:
        raise _RefusedError(row["id"], str(error)) from None
