"""Routes of after-sales periods."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import ReaderDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import listed, shown
from crm_platform.http.route import reads, service_router
from service_desk_svc.service_periods.models import SERVICE_PERIODS
from service_desk_svc.service_periods.schemas import ServicePeriodRead

router = service_router("After-sales periods")


@router.get(
    "/service-periods",
    response_model=Page[ServicePeriodRead],
    **reads("service_periods:read", lists=SERVICE_PERIODS.resource),
)
async def list_service_periods(request: Request, reader: ReaderDep) -> Response:
    """List the after-sales periods that the caller may see."""
    return listed(await reader.page(SERVICE_PERIODS.resource, page_params(request, SERVICE_PERIODS.resource)))


@router.get("/service-periods/{period_id}", response_model=ServicePeriodRead, **reads("service_periods:read"))
async def get_service_period(period_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one after-sales period."""
    return shown(request, await reader.get(SERVICE_PERIODS.resource, period_id))
