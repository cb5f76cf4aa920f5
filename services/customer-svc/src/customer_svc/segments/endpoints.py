"""Routes of segments."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from customer_svc.segments import service
from customer_svc.segments.models import SEGMENTS
from customer_svc.segments.schemas import SegmentCreate, SegmentRead, SegmentUpdate

router = service_router("Segments")


@router.get("/segments", response_model=Page[SegmentRead], **reads("segments:read", lists=SEGMENTS.resource))
async def list_segments(request: Request, reader: ReaderDep) -> Response:
    """List the segments."""
    return listed(await reader.page(SEGMENTS.resource, page_params(request, SEGMENTS.resource)))


@router.post("/segments", response_model=SegmentRead, **writes("segments:write", creates=True))
async def create_segment(body: SegmentCreate, unit: UnitOfWorkDep) -> Response:
    """Define a segment; publishes `segment.created`, and `segment.member_entered` for each member it turns out to have.

    It is `evaluating` until all customers were looked at (`segment.evaluated`).
    """
    return created(await service.create_segment(unit, body), "/v1/segments")


@router.get("/segments/{segment_id}", response_model=SegmentRead, **reads("segments:read"))
async def get_segment(segment_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one segment."""
    return shown(request, await reader.get(SEGMENTS.resource, segment_id))


@router.patch("/segments/{segment_id}", response_model=SegmentRead, **writes("segments:write", versioned=True))
async def update_segment(segment_id: UUID, body: SegmentUpdate, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Change a segment (merge patch); publishes `segment.updated`, and what another expression leads to."""
    return changed(await service.update_segment(unit, segment_id, body, if_match=if_match))


@router.delete("/segments/{segment_id}", status_code=204, **writes("segments:write", versioned=True))
async def delete_segment(segment_id: UUID, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Remove a segment, with which all memberships end; publishes `segment.deleted`. Snapshots of it stay."""
    await service.delete_segment(unit, segment_id, if_match=if_match)
    return Response(status_code=204)
