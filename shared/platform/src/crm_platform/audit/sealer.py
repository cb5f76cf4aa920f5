"""Seals committed audit entries into their tenant's chain, within a second of the commit.

Chaining inside the writing transaction cost 70 % of the insert rate in our trial, since every writer of a
tenant waits for the same head. Here one sealer per service chains what is committed.
"""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg
import structlog

from crm_platform.audit.chain import CONTENT, GENESIS, entry_hash
from crm_platform.audit.checkpoints import CheckpointWriter
from crm_platform.db import Connection, Database
from crm_platform.db.database import CONNECTION_ERRORS
from crm_platform.errors import DomainError
from crm_platform.events.supervise import wait_any
from crm_platform.settings import ServiceSettings

BATCH = 2000

_log = structlog.get_logger(__name__)

_LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended('crm.audit.' || current_schema(), 0))"
_UNSEALED = f"SELECT id, tenant_id, {', '.join(CONTENT)} FROM audit_entries WHERE seq IS NULL ORDER BY id LIMIT {BATCH}"
_HEADS = """
SELECT tenant.id AS tenant_id, head.seq, head.hash
FROM unnest($1::uuid[]) AS tenant(id)
CROSS JOIN LATERAL (
  SELECT seq, hash FROM audit_entries WHERE tenant_id = tenant.id AND seq IS NOT NULL ORDER BY seq DESC LIMIT 1
) head
"""
# One step per tenant through the index of the chains, instead of a scan of all entries.
_ALL_HEADS = """
WITH RECURSIVE head AS (
  (SELECT tenant_id, seq, hash FROM audit_entries WHERE seq IS NOT NULL ORDER BY tenant_id DESC, seq DESC LIMIT 1)
  UNION ALL
  SELECT before.* FROM head CROSS JOIN LATERAL (
    SELECT tenant_id, seq, hash FROM audit_entries WHERE seq IS NOT NULL AND tenant_id < head.tenant_id
    ORDER BY tenant_id DESC, seq DESC LIMIT 1
  ) before
) SELECT tenant_id, seq, hash FROM head
"""
_SEAL = """
UPDATE audit_entries entry SET seq = sealed.seq, previous_hash = sealed.previous_hash, hash = sealed.hash
FROM unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::bytea[]) AS sealed(id, seq, previous_hash, hash)
WHERE entry.id = sealed.id
"""


class Sealer:
    """Chains new entries, and anchors the heads of the chains outside the database."""

    def __init__(self, database: Database, settings: ServiceSettings) -> None:
        self._database = database
        self._interval = settings.audit.seal_interval
        self._checkpoints = CheckpointWriter(settings.audit, settings.service)
        self._unwritten: dict[UUID, tuple[int, bytes]] = {}
        self._anchored = False

    async def run(self, stop: asyncio.Event) -> None:
        """Seal until ``stop`` is set; an error is logged and the next round tries again.

        The first round also writes a checkpoint of every chain, which a crash may have kept from being written.
        """
        while not stop.is_set():
            sealed = 0
            try:
                if not self._anchored:
                    self._unwritten, self._anchored = await self._all_heads(), True
                sealed = await self.seal_batch()
            except (asyncpg.PostgresError, *CONNECTION_ERRORS, DomainError) as error:
                _log.warning("audit_seal_failed", error=f"{type(error).__name__}: {error}"[:300])
            if sealed < BATCH:
                await wait_any(self._interval, stop)

    async def seal_batch(self) -> int:
        """Seal the oldest entries that are not sealed; returns how many.

        The checkpoint is written after the commit: a crash in between leaves a chain that is longer than
        its last checkpoint, which is no harm; the other order would leave a checkpoint of nothing. A
        checkpoint that could not be written (a full disk) is written with the next one.
        """
        async with self._database.system() as connection:
            if not await connection.fetchval(_LOCK):
                return 0
            rows = await connection.fetch(_UNSEALED)
            heads = await self._chain(connection, rows) if rows else {}
        self._unwritten |= heads
        if self._unwritten:
            await asyncio.to_thread(self._checkpoints.write, self._unwritten)
            self._unwritten = {}
        return len(rows)

    async def _all_heads(self) -> dict[UUID, tuple[int, bytes]]:
        async with self._database.system() as connection:
            return _heads_in(await connection.fetch(_ALL_HEADS))

    async def _chain(self, connection: Connection, rows: Sequence[Any]) -> dict[UUID, tuple[int, bytes]]:
        tenants = list({row["tenant_id"] for row in rows})
        found = await connection.fetch(_HEADS, tenants)
        heads = dict.fromkeys(tenants, (0, GENESIS)) | _heads_in(found)
        sealed: list[tuple[int, int, bytes, bytes]] = []
        for row in rows:
            last, previous = heads[row["tenant_id"]]
            digest = entry_hash(previous, row["tenant_id"], last + 1, row)
            heads[row["tenant_id"]] = (last + 1, digest)
            sealed.append((row["id"], last + 1, previous, digest))
        await connection.execute(_SEAL, *map(list, zip(*sealed, strict=True)))
        return heads


def _heads_in(rows: Sequence[Any]) -> dict[UUID, tuple[int, bytes]]:
    # A hash that somebody has removed must not keep what comes after it, or other tenants, from being sealed.
    return {row["tenant_id"]: (row["seq"], row["hash"] or b"") for row in rows}
