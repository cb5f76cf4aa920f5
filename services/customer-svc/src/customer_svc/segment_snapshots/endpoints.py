"""Routes of segment snapshots."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params, view_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from customer_svc.customers import service as customers
from customer_svc.segment_snapshots import service
from customer_svc.segment_snapshots.models import OF_SNAPSHOT, SEGMENT_SNAPSHOTS
from customer_svc.segment_snapshots.schemas import SnapshotCreate, SnapshotRead

router = service_router("Segment snapshots")


@router.get(
    "/segment-snapshots",
    response_model=Page[SnapshotRead],
    **reads("segments:read", lists=SEGMENT_SNAPSHOTS.resource),
)
async def list_segment_snapshots(request: Request, reader: ReaderDep) -> Response:
    """List the segment snapshots; filter by `segment_id` for those of one segment."""
    return listed(await reader.page(SEGMENT_SNAPSHOTS.resource, page_params(request, SEGMENT_SNAPSHOTS.resource)))


@router.post("/segment-snapshots", response_model=SnapshotRead, **writes("segments:write", creates=True))
async def take_segment_snapshot(body: SnapshotCreate, unit: UnitOfWorkDep) -> Response:
    """Write down who is in a segment at this moment; publishes `segment_snapshot.taken`."""
    return created(await service.take_snapshot(unit, body), "/v1/segment-snapshots")


@router.get("/segment-snapshots/{snapshot_id}", response_model=SnapshotRead, **reads("segments:read"))
async def get_segment_snapshot(snapshot_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one segment snapshot."""
    return shown(request, await reader.get(SEGMENT_SNAPSHOTS.resource, snapshot_id))


@router.get(
    "/segment-snapshots/{snapshot_id}/members",
    response_model=Page[customers.Read],
    **reads("customers:read", lists=customers.RESOURCE),
)
async def list_segment_snapshot_members(snapshot_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """List the customers in a segment snapshot that still exist and that the caller may see."""
    view, params = await view_params(request, reader, customers.view_for(reader.caller))
    await service.check_exists(reader, snapshot_id)
    return listed(await reader.page(view, params, OF_SNAPSHOT, snapshot_id=snapshot_id))


@router.delete("/segment-snapshots/{snapshot_id}", status_code=204, **writes("segments:write", versioned=True))
async def delete_segment_snapshot(snapshot_id: UUID, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Remove a segment snapshot; publishes `segment_snapshot.deleted`."""
    await service.delete_snapshot(unit, snapshot_id, if_match=if_match)
    return Response(status_code=204)
