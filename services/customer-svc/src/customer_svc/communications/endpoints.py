"""Routes of communications."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from customer_svc.communications import service
from customer_svc.communications.models import COMMUNICATIONS
from customer_svc.communications.schemas import CommunicationCreate, CommunicationRead, CommunicationUpdate

router = service_router("Communications")


@router.get(
    "/communications",
    response_model=Page[CommunicationRead],
    **reads("communications:read", lists=COMMUNICATIONS.resource),
)
async def list_communications(request: Request, reader: ReaderDep) -> Response:
    """List the communications that the caller may see; filter by `customer_id` for one customer's."""
    return listed(await reader.page(COMMUNICATIONS.resource, page_params(request, COMMUNICATIONS.resource)))


@router.post("/communications", response_model=CommunicationRead, **writes("communications:write", creates=True))
async def record_communication(body: CommunicationCreate, unit: UnitOfWorkDep) -> Response:
    """Put a call, e-mail, meeting, visit or chat on record; publishes `communication.recorded`."""
    return created(await service.record_communication(unit, body), "/v1/communications")


@router.get("/communications/{communication_id}", response_model=CommunicationRead, **reads("communications:read"))
async def get_communication(communication_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one communication."""
    return shown(request, await reader.get(COMMUNICATIONS.resource, communication_id))


@router.patch(
    "/communications/{communication_id}",
    response_model=CommunicationRead,
    **writes("communications:write", versioned=True),
)
async def update_communication(
    communication_id: UUID, body: CommunicationUpdate, unit: UnitOfWorkDep, if_match: IfMatch
) -> Response:
    """Correct a record (merge patch); publishes `communication.updated`."""
    return changed(await service.update_communication(unit, communication_id, body, if_match=if_match))
