"""Routes of the monitors."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from customer_svc.quality_monitors import service
from customer_svc.quality_monitors.models import QUALITY_MONITORS
from customer_svc.quality_monitors.schemas import QualityMonitorCreate, QualityMonitorRead, QualityMonitorUpdate

router = service_router("Data quality")


@router.get(
    "/quality-monitors",
    response_model=Page[QualityMonitorRead],
    **reads("data_quality:read", lists=QUALITY_MONITORS.resource),
)
async def list_quality_monitors(request: Request, reader: ReaderDep) -> Response:
    """List the monitors."""
    return listed(await reader.page(QUALITY_MONITORS.resource, page_params(request, QUALITY_MONITORS.resource)))


@router.post("/quality-monitors", response_model=QualityMonitorRead, **writes("data_quality:write", creates=True))
async def create_quality_monitor(body: QualityMonitorCreate, unit: UnitOfWorkDep) -> Response:
    """Set up a monitor; publishes `quality_monitor.created`.

    From then on `data_quality.degraded` tells that the average score has fallen below `degraded_below`, and
    `data_quality.recovered` that it has reached `recovered_at` again; it is looked at every five minutes.
    """
    return created(await service.create_monitor(unit, body), "/v1/quality-monitors")


@router.get("/quality-monitors/{monitor_id}", response_model=QualityMonitorRead, **reads("data_quality:read"))
async def get_quality_monitor(monitor_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one monitor."""
    return shown(request, await reader.get(QUALITY_MONITORS.resource, monitor_id))


@router.patch(
    "/quality-monitors/{monitor_id}",
    response_model=QualityMonitorRead,
    **writes("data_quality:write", versioned=True),
)
async def update_quality_monitor(
    monitor_id: UUID, body: QualityMonitorUpdate, unit: UnitOfWorkDep, if_match: IfMatch
) -> Response:
    """Change a monitor (merge patch); publishes `quality_monitor.updated`."""
    return changed(await service.update_monitor(unit, monitor_id, body, if_match=if_match))


@router.delete("/quality-monitors/{monitor_id}", status_code=204, **writes("data_quality:write", versioned=True))
async def delete_quality_monitor(monitor_id: UUID, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Remove a monitor; publishes `quality_monitor.deleted`."""
    await service.delete_monitor(unit, monitor_id, if_match=if_match)
    return Response(status_code=204)
