"""Rotation: the keys of all subjects are wrapped by the first key of the settings, a portion at a time.

Whoever puts a new key first has nothing else to do: the workers do the rest, beside all else, and the operator endpoint
``GET /operator/sealing`` says when the old one is not needed any more.
"""

import asyncio
from typing import Any

import asyncpg
import structlog

from crm_platform.db import Database
from crm_platform.db.database import CONNECTION_ERRORS
from crm_platform.errors import DomainError
from crm_platform.events.supervise import wait_any
from crm_platform.sealing.startup import used_keys
from crm_platform.sealing.vault import vault_of

PORTION = 500
LOOK_AGAIN = 60.0
"""Seconds between two looks for keys that are wrapped by another than the first."""

_log = structlog.get_logger(__name__)

_OLD = """
SELECT tenant_id, subject_id, wrapped_key FROM subject_keys WHERE kek_id = $1 AND wrapped_key IS NOT NULL
LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED
"""
_REWRAP = """
UPDATE subject_keys SET wrapped_key = made.wrapped_key, kek_id = $4
FROM unnest($1::uuid[], $2::uuid[], $3::bytea[]) AS made(tenant_id, subject_id, wrapped_key)
WHERE subject_keys.tenant_id = made.tenant_id AND subject_keys.subject_id = made.subject_id
"""
_COUNTS = "SELECT kek_id, count(*) FROM subject_keys WHERE wrapped_key IS NOT NULL GROUP BY kek_id ORDER BY kek_id"


async def rewrap_keys(database: Database, stop: asyncio.Event) -> None:
    """Wrap anew what is not wrapped by the first key, until ``stop`` is set; several copies may do it at once."""
    while not stop.is_set():
        done = 0
        try:
            done = await rewrap_portion(database)
        except (asyncpg.PostgresError, *CONNECTION_ERRORS, DomainError) as error:
            _log.warning("sealing_rewrap_failed", error=f"{type(error).__name__}: {error}"[:300])
        if not done:
            await wait_any(LOOK_AGAIN, stop)


async def rewrap_portion(database: Database) -> int:
    """Wrap the keys of some subjects by the first key; returns of how many, 0 when there is nothing left to do."""
    ring = vault_of(database).keys
    async with database.system() as connection:
        old = next((kek_id for kek_id in await used_keys(connection) if kek_id != ring.active), None)
        rows = [] if old is None else await connection.fetch(_OLD, old, PORTION)
        if not rows:
            return 0
        wrapped = [
            ring.wrap(tenant, subject, ring.unwrap(tenant, subject, str(old), key)) for tenant, subject, key in rows
        ]
        tenants, subjects = [row[0] for row in rows], [row[1] for row in rows]
        await connection.execute(_REWRAP, tenants, subjects, wrapped, ring.active)
    _log.info("sealing_keys_rewrapped", count=len(rows), from_key=old, to_key=ring.active)
    return len(rows)


async def key_usage(database: Database) -> dict[str, Any]:
    """By which keys of the settings how many subjects' keys are wrapped."""
    async with database.system() as connection:
        counts = await connection.fetch(_COUNTS)
    return {
        "active": vault_of(database).keys.active,
        "keys": [{"id": kek_id, "subjects": count} for kek_id, count in counts],
    }
