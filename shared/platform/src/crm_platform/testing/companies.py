"""Companies with time zones, as services under test come to know of them."""

from typing import Any
from uuid import UUID

from crm_contracts.identity.v1 import CompanyDefined, CompanySnapshot, CompanyUpdated
from crm_platform.clock import utc_now
from crm_platform.testing.plugin import RunningService, deliver


def company(tenant_id: UUID, time_zone: str, *, version: int = 1) -> CompanySnapshot:
    """What the gateway tells of a company whose days begin and end in ``time_zone``."""
    at: dict[str, Any] = {
        "created_at": utc_now(),
        "created_by": "user:x",
        "updated_at": utc_now(),
        "updated_by": "user:x",
    }
    return CompanySnapshot(id=tenant_id, version=version, time_zone=time_zone, **at)


async def live_in(running: RunningService, tenant_id: UUID, time_zone: str, *, version: int = 1) -> None:
    """Tell a service that a company's days begin and end in ``time_zone`` from now on."""
    event = CompanyDefined if version == 1 else CompanyUpdated
    await deliver(running, event(state=company(tenant_id, time_zone, version=version)), tenant_id=tenant_id)
