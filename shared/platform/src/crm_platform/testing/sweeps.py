"""Sweeps of a worker under test."""

from crm_platform.testing.plugin import RunningService
from crm_platform.testing.waiting import until


async def swept(service: RunningService, kind: str) -> None:
    """Let sweeps begin once the workers have sealed the audit trail, by which they know whom there is; wait for one."""

    async def ready() -> bool:
        rows = await service.sql(
            "SELECT 1 FROM operation_sweeps WHERE NOT EXISTS (SELECT 1 FROM audit_entries WHERE seq IS NULL)"
        )
        return bool(rows)

    async def ended() -> bool:
        rows = await service.sql("SELECT 1 FROM operations WHERE kind = $1 AND finished_at IS NOT NULL", kind)
        return bool(rows)

    await until(ready)
    await service.sql("UPDATE operation_sweeps SET next_at = now() - interval '1 s'")
    await until(ended)
