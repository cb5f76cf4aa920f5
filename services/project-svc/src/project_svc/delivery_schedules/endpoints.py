"""Routes of schedules of deliveries."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.fields import Reason
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from project_svc.delivery_schedules import service
from project_svc.delivery_schedules.models import DELIVERY_SCHEDULES
from project_svc.delivery_schedules.schemas import DeliveryScheduleCreate, DeliveryScheduleRead

router = service_router("Deliveries")


@router.get(
    "/delivery-schedules",
    response_model=Page[DeliveryScheduleRead],
    **reads("deliveries:read", lists=DELIVERY_SCHEDULES.resource),
)
async def list_delivery_schedules(request: Request, reader: ReaderDep) -> Response:
    """List the schedules of recurring deliveries that the caller may see."""
    return listed(await reader.page(DELIVERY_SCHEDULES.resource, page_params(request, DELIVERY_SCHEDULES.resource)))


@router.post("/delivery-schedules", response_model=DeliveryScheduleRead, **writes("deliveries:write", creates=True))
async def create_delivery_schedule(body: DeliveryScheduleCreate, unit: UnitOfWorkDep) -> Response:
    """Let deliveries of a project recur; publishes `delivery_schedule.created`.

    Each delivery is planned some days before it is due, once: `delivery.planned`. A project with deliveries to come
    is not completed by the acceptance of those that there are.
    """
    return created(await service.create_schedule(unit, body), "/v1/delivery-schedules")


@router.get("/delivery-schedules/{schedule_id}", response_model=DeliveryScheduleRead, **reads("deliveries:read"))
async def get_delivery_schedule(schedule_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one schedule."""
    return shown(request, await reader.get(DELIVERY_SCHEDULES.resource, schedule_id))


@router.post(
    "/delivery-schedules/{schedule_id}/end",
    response_model=DeliveryScheduleRead,
    **writes("deliveries:write", versioned=True),
)
async def end_delivery_schedule(schedule_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Plan no more by a schedule; what is planned stays. Publishes `delivery_schedule.ended`."""
    return changed(await service.end_schedule(unit, schedule_id, if_match=if_match, reason=body.reason))
