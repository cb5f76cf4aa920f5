"""Routes of deliveries."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.fields import Reason
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from project_svc.deliveries import service
from project_svc.deliveries.models import DELIVERIES
from project_svc.deliveries.repository import OF_PROJECT
from project_svc.deliveries.schemas import Cancellation, DeliveryCreate, DeliveryRead, Rejection
from project_svc.projects import service as projects

router = service_router("Deliveries")


@router.get("/deliveries", response_model=Page[DeliveryRead], **reads("deliveries:read", lists=DELIVERIES.resource))
async def list_deliveries(request: Request, reader: ReaderDep) -> Response:
    """List the deliveries that the caller may see."""
    return listed(await reader.page(DELIVERIES.resource, page_params(request, DELIVERIES.resource)))


@router.get(
    "/projects/{project_id}/deliveries",
    response_model=Page[DeliveryRead],
    **reads("deliveries:read", lists=DELIVERIES.resource),
)
async def list_project_deliveries(project_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """List the deliveries of one project."""
    params = page_params(request, DELIVERIES.resource)
    await projects.check_visible(reader, project_id)
    return listed(await reader.page(DELIVERIES.resource, params, OF_PROJECT, project_id=project_id))


@router.post("/deliveries", response_model=DeliveryRead, **writes("deliveries:write", creates=True))
async def plan_delivery(body: DeliveryCreate, unit: UnitOfWorkDep) -> Response:
    """Add a deliverable to a project; publishes `delivery.planned`."""
    return created(await service.plan_delivery(unit, body), "/v1/deliveries")


@router.get("/deliveries/{delivery_id}", response_model=DeliveryRead, **reads("deliveries:read"))
async def get_delivery(delivery_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one delivery."""
    return shown(request, await reader.get(DELIVERIES.resource, delivery_id))


@router.post(
    "/deliveries/{delivery_id}/start", response_model=DeliveryRead, **writes("deliveries:write", versioned=True)
)
async def start_delivery(delivery_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Begin the work; publishes `delivery.started`."""
    return changed(await service.move_delivery(unit, delivery_id, "start", if_match=if_match, reason=body.reason))


@router.post(
    "/deliveries/{delivery_id}/submit", response_model=DeliveryRead, **writes("deliveries:write", versioned=True)
)
async def submit_delivery(delivery_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Hand the delivery to the customer, also again after a rejection; publishes `delivery.submitted`."""
    return changed(await service.move_delivery(unit, delivery_id, "submit", if_match=if_match, reason=body.reason))


@router.post(
    "/deliveries/{delivery_id}/accept", response_model=DeliveryRead, **writes("deliveries:write", versioned=True)
)
async def accept_delivery(delivery_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Record the customer's acceptance; publishes `delivery.completed`.

    With the last open delivery of a project the project is completed too (`project.completed`).
    """
    return changed(await service.move_delivery(unit, delivery_id, "accept", if_match=if_match, reason=body.reason))


@router.post(
    "/deliveries/{delivery_id}/reject", response_model=DeliveryRead, **writes("deliveries:write", versioned=True)
)
async def reject_delivery(delivery_id: UUID, body: Rejection, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Record the customer's refusal and its reason; publishes `delivery.rejected`."""
    return changed(await service.move_delivery(unit, delivery_id, "reject", if_match=if_match, reason=body.reason))


@router.post(
    "/deliveries/{delivery_id}/cancel", response_model=DeliveryRead, **writes("deliveries:write", versioned=True)
)
async def cancel_delivery(delivery_id: UUID, body: Cancellation, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Give up a deliverable that is not accepted; publishes `delivery.cancelled`."""
    return changed(await service.cancel_delivery(unit, delivery_id, if_match=if_match, reason=body.reason))
