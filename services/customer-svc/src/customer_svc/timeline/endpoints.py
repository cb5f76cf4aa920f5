"""Routes of the timeline."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import ReaderDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import listed
from crm_platform.http.route import reads, service_router
from customer_svc.customers import service as customers
from customer_svc.timeline import service
from customer_svc.timeline.models import OF_CUSTOMER, OF_KINDS, TIMELINE
from customer_svc.timeline.schemas import TimelineEntryRead

router = service_router("Timeline")


@router.get(
    "/customers/{customer_id}/timeline",
    response_model=Page[TimelineEntryRead],
    **reads("customers:read", lists=TIMELINE),
)
async def list_timeline(customer_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """List what happened with a customer over all services, the newest first.

    An entry is shown to whoever could read the record that it tells of: by scope, and by its owner and team.
    """
    await reader.get(customers.RESOURCE, customer_id, fields=("id",))
    kinds = service.readable_kinds(reader.caller)
    params = page_params(request, TIMELINE)
    return listed(await reader.page(TIMELINE, params, OF_CUSTOMER, OF_KINDS, customer_id=customer_id, kinds=kinds))
