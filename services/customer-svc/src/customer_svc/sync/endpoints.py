"""Routes of the agreement with other systems."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, listed, shown
from crm_platform.http.route import reads, service_router, writes
from customer_svc.sync import service
from customer_svc.sync.models import SYNC_CONFLICTS
from customer_svc.sync.schemas import SyncConflictRead

router = service_router("Agreement with other systems")


@router.get(
    "/sync-conflicts",
    response_model=Page[SyncConflictRead],
    **reads("sync_conflicts:read", lists=SYNC_CONFLICTS.resource),
)
async def list_sync_conflicts(request: Request, reader: ReaderDep) -> Response:
    """List the disagreements with other systems; filter by `status == 'open'` for those that wait."""
    return listed(await reader.page(SYNC_CONFLICTS.resource, page_params(request, SYNC_CONFLICTS.resource)))


@router.get("/sync-conflicts/{conflict_id}", response_model=SyncConflictRead, **reads("sync_conflicts:read"))
async def get_sync_conflict(conflict_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one disagreement."""
    return shown(request, await reader.get(SYNC_CONFLICTS.resource, conflict_id))


@router.post(
    "/sync-conflicts/{conflict_id}/keep-ours",
    response_model=SyncConflictRead,
    **writes("sync_conflicts:write", versioned=True),
)
async def keep_ours(conflict_id: UUID, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Decide that our value stays; publishes `sync_conflict.settled`, by which the other system restores it."""
    return changed(await service.settle_conflict(unit, conflict_id, "keep_ours", if_match=if_match))


@router.post(
    "/sync-conflicts/{conflict_id}/take-theirs",
    response_model=SyncConflictRead,
    **writes("sync_conflicts:write", versioned=True),
)
async def take_theirs(conflict_id: UUID, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Decide that the other system is right; publishes `customer.updated` and `sync_conflict.settled`."""
    return changed(await service.settle_conflict(unit, conflict_id, "take_theirs", if_match=if_match))
