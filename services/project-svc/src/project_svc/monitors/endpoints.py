"""Routes of monitors."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from project_svc.monitors import service
from project_svc.monitors.models import MONITORS
from project_svc.monitors.schemas import Measurement, MonitorCreate, MonitorRead, MonitorUpdate

router = service_router("Monitoring")


@router.get("/monitors", response_model=Page[MonitorRead], **reads("projects:read", lists=MONITORS.resource))
async def list_monitors(request: Request, reader: ReaderDep) -> Response:
    """List the monitors that the caller may see; filter by `project_id` or `level`."""
    return listed(await reader.page(MONITORS.resource, page_params(request, MONITORS.resource)))


@router.post("/monitors", response_model=MonitorRead, **writes("projects:write", creates=True))
async def create_monitor(body: MonitorCreate, unit: UnitOfWorkDep) -> Response:
    """Watch a metric of a project; publishes `monitor.created`.

    From then on `monitor.alerted` tells once that it has crossed a threshold for the worse, `monitor.recovered` that
    it is better again.
    """
    return created(await service.create_monitor(unit, body), "/v1/monitors")


@router.get("/monitors/{monitor_id}", response_model=MonitorRead, **reads("projects:read"))
async def get_monitor(monitor_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one monitor."""
    return shown(request, await reader.get(MONITORS.resource, monitor_id))


@router.patch("/monitors/{monitor_id}", response_model=MonitorRead, **writes("projects:write", versioned=True))
async def update_monitor(monitor_id: UUID, body: MonitorUpdate, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Change a monitor (merge patch); publishes `monitor.updated`."""
    return changed(await service.update_monitor(unit, monitor_id, body, if_match=if_match))


@router.delete("/monitors/{monitor_id}", status_code=204, **writes("projects:write", versioned=True))
async def delete_monitor(monitor_id: UUID, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Remove a monitor; publishes `monitor.deleted`."""
    await service.delete_monitor(unit, monitor_id, if_match=if_match)
    return Response(status_code=204)


@router.post("/monitors/{monitor_id}/measure", response_model=MonitorRead, **writes("projects:write"))
async def measure(monitor_id: UUID, body: Measurement, unit: UnitOfWorkDep) -> Response:
    """Push what a metric is; publishes `monitor.alerted`, `monitor.recovered` or `monitor.updated`.

    No version is needed: what was measured later counts, whatever comes first.
    """
    return changed(await service.measure(unit, monitor_id, body))
