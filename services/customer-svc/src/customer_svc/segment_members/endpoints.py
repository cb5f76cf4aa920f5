"""Routes of memberships."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import ReaderDep, names_custom, page_params, view_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import listed
from crm_platform.http.route import reads, service_router
from customer_svc.customers import service as customers
from customer_svc.segment_members import service
from customer_svc.segment_members.models import OF_SEGMENT
from customer_svc.segment_members.schemas import MembershipsRead
from customer_svc.segments import service as segments

router = service_router("Segments")


@router.get(
    "/segments/preview",
    response_model=Page[customers.Read],
    **reads("customers:read", lists=segments.candidates(customers.RESOURCE)),
)
async def preview_segment(request: Request, reader: ReaderDep) -> Response:
    """Try an expression before it becomes a segment: `filter` is the expression, `count` says how many there would be.

    Only customers that the caller may see are counted and shown.
    """
    seen = await reader.view(customers.view_for(reader.caller), now=names_custom(request))
    view = segments.candidates(seen)
    return listed(await reader.page(view, page_params(request, view)))


@router.get(
    "/segments/{segment_id}/members",
    response_model=Page[customers.Read],
    **reads("customers:read", lists=customers.RESOURCE),
)
async def list_members(segment_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """List the customers in a segment that the caller may see."""
    view, params = await view_params(request, reader, customers.view_for(reader.caller))
    await segments.check_exists(reader, segment_id)
    return listed(await reader.page(view, params, OF_SEGMENT, segment_id=segment_id))


@router.get("/customers/{customer_id}/segments", response_model=MembershipsRead, **reads("segments:read"))
async def explain_memberships(customer_id: UUID, reader: ReaderDep, segment_id: UUID | None = None) -> MembershipsRead:
    """Show which segments a customer is in and which it is not, and why: part by part of the expression, with values.

    With `segment_id` only that one.
    """
    return await service.explain_memberships(reader, customer_id, segment_id)
