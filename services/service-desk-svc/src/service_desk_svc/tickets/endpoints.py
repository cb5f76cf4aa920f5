"""Routes of tickets."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.fields import Reason
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from service_desk_svc.tickets import service
from service_desk_svc.tickets.models import TICKETS
from service_desk_svc.tickets.schemas import Assignment, Resolution, TicketCreate, TicketRead, TicketUpdate

router = service_router("Tickets")


@router.get("/tickets", response_model=Page[TicketRead], **reads("tickets:read", lists=TICKETS.resource))
async def list_tickets(request: Request, reader: ReaderDep) -> Response:
    """List the tickets that the caller may see."""
    return listed(await reader.page(TICKETS.resource, page_params(request, TICKETS.resource)))


@router.post("/tickets", response_model=TicketRead, **writes("tickets:write", creates=True))
async def open_ticket(body: TicketCreate, unit: UnitOfWorkDep) -> Response:
    """Put on record what a customer turned to us with; publishes `ticket.opened`."""
    return created(await service.open_ticket(unit, body), "/v1/tickets")


@router.get("/tickets/{ticket_id}", response_model=TicketRead, **reads("tickets:read"))
async def get_ticket(ticket_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one ticket."""
    return shown(request, await reader.get(TICKETS.resource, ticket_id))


@router.patch("/tickets/{ticket_id}", response_model=TicketRead, **writes("tickets:write", versioned=True))
async def update_ticket(ticket_id: UUID, body: TicketUpdate, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Change a ticket (merge patch); publishes `ticket.updated`."""
    return changed(await service.update_ticket(unit, ticket_id, body, if_match=if_match))


@router.post("/tickets/{ticket_id}/assign", response_model=TicketRead, **writes("tickets:write", versioned=True))
async def assign_ticket(ticket_id: UUID, body: Assignment, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Put a ticket into somebody's hands; publishes `ticket.assigned`."""
    return changed(await service.assign_ticket(unit, ticket_id, body.assignee_id, if_match=if_match))


@router.post("/tickets/{ticket_id}/resolve", response_model=TicketRead, **writes("tickets:write", versioned=True))
async def resolve_ticket(ticket_id: UUID, body: Resolution, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Settle the matter of a ticket; publishes `ticket.resolved`."""
    return changed(await service.resolve_ticket(unit, ticket_id, body.resolution, if_match=if_match))


@router.post("/tickets/{ticket_id}/reopen", response_model=TicketRead, **writes("tickets:write", versioned=True))
async def reopen_ticket(ticket_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Take a resolved ticket up again; publishes `ticket.reopened`."""
    return changed(await service.reopen_ticket(unit, ticket_id, if_match=if_match, reason=body.reason))


@router.post("/tickets/{ticket_id}/close", response_model=TicketRead, **writes("tickets:write", versioned=True))
async def close_ticket(ticket_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Put a resolved ticket away; publishes `ticket.closed`."""
    return changed(await service.close_ticket(unit, ticket_id, if_match=if_match, reason=body.reason))
