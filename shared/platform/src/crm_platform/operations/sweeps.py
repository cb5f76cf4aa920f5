"""Beginning periodic operations, once per period whatever number of workers there is."""

from collections.abc import Sequence
from typing import Final

from crm_platform.context import Cause
from crm_platform.db import Database
from crm_platform.ids import new_id
from crm_platform.operations.begin import kept
from crm_platform.operations.kinds import Sweep

_LEAD: Final = "SELECT pg_try_advisory_xact_lock(hashtextextended('crm.sweeps.' || current_schema(), 0))"
_DUE: Final = """
INSERT INTO operation_sweeps AS known (kind, next_at) VALUES ($1, now() + $2)
ON CONFLICT (kind) DO UPDATE SET next_at = now() + $2 WHERE known.next_at <= now() RETURNING kind
"""
_FORGET: Final = "DELETE FROM operations WHERE kind = $1 AND key = 'sweep' AND finished_at IS NOT NULL"
# Every company that has ever changed anything here: one step each through the index of the audit chains.
_BEGIN: Final = """
WITH RECURSIVE tenant (id) AS (
  (SELECT tenant_id FROM audit_entries WHERE seq IS NOT NULL ORDER BY tenant_id LIMIT 1)
  UNION ALL
  SELECT (
    SELECT tenant_id FROM audit_entries WHERE seq IS NOT NULL AND tenant_id > tenant.id ORDER BY tenant_id LIMIT 1
  ) FROM tenant WHERE tenant.id IS NOT NULL
), turn AS (
  INSERT INTO operation_turns (tenant_id) SELECT id FROM tenant WHERE id IS NOT NULL ON CONFLICT DO NOTHING
)
INSERT INTO operations (
  id, tenant_id, kind, cancellable, input, cause, requested_by, correlation_id, unit, key, status, due_at, internal
) SELECT uuidv7(), tenant.id, $1, $2, '{}', $3, $4, $5, $6, 'sweep', 'queued', now(), true
FROM tenant WHERE tenant.id IS NOT NULL
ON CONFLICT (tenant_id, kind, key) WHERE key IS NOT NULL DO NOTHING
"""


async def begin_due(database: Database, service: str, sweeps: Sequence[Sweep]) -> None:
    """Begin the sweeps whose time has come; one that has never been is due at once."""
    async with database.system() as connection:
        if not await connection.fetchval(_LEAD):
            return
        for sweep in sweeps:
            kind = sweep.kind
            if await connection.fetchval(_DUE, kind.name, sweep.every) is None:
                continue
            cause = Cause(actor=f"system:{service}", correlation_id=new_id())
            values = kind.cancellable, kept(cause), cause.actor, cause.correlation_id, kind.unit
            await connection.execute(_FORGET, kind.name)
            await connection.execute(_BEGIN, kind.name, *values)
