"""Use cases of tickets."""

from uuid import UUID

from crm_contracts.service_desk.v1 import (
    TicketAssigned,
    TicketClosed,
    TicketOpened,
    TicketReopened,
    TicketResolved,
    TicketStatus,
    TicketUpdated,
)
from crm_platform.companies import today_of
from crm_platform.http.fields import changes_of
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.uow import UnitOfWork
from service_desk_svc.merged_customers import service as merged_customers
from service_desk_svc.service_periods import service as service_periods
from service_desk_svc.tickets.domain import Ticket
from service_desk_svc.tickets.errors import TicketSettled
from service_desk_svc.tickets.models import TICKET_NUMBERS, TICKETS
from service_desk_svc.tickets.schemas import TicketCreate, TicketUpdate


async def open_ticket(unit: UnitOfWork, body: TicketCreate) -> Rendered:
    """Put on record what a customer turned to us with."""
    body = await merged_customers.mapped(unit.connection, body)
    today = await today_of(unit)
    covered = await service_periods.is_covered(unit, body.customer_id, today)
    (number,) = await TICKET_NUMBERS.take(unit.connection, [today.year])
    ticket = Ticket(id=new_id(), number=number, in_service_period=covered, **dict(body))
    return await unit.insert(TICKETS, ticket, TicketOpened)


async def update_ticket(unit: UnitOfWork, id: UUID, body: TicketUpdate, *, if_match: object) -> Rendered:
    """Change a ticket that is not settled.

    Raises:
        NotFound: No such ticket, or not visible.
        PreconditionRequired: No version was given.
        VersionMismatch: The ticket has changed since.
        TicketSettled: It is resolved or closed.
    """
    before = await unit.load(TICKETS, id, if_match=if_match)
    if before.status in {TicketStatus.RESOLVED, TicketStatus.CLOSED}:
        raise TicketSettled(status=before.status.value)
    return await unit.update(TICKETS, before, before.with_(**changes_of(body)), TicketUpdated)


async def assign_ticket(unit: UnitOfWork, id: UUID, assignee_id: UUID, *, if_match: object) -> Rendered:
    """Put a ticket into somebody's hands."""
    before = await unit.load(TICKETS, id, if_match=if_match)
    return await unit.update(TICKETS, before, before.assign(assignee_id, unit.now), TicketAssigned)


async def resolve_ticket(unit: UnitOfWork, id: UUID, resolution: str, *, if_match: object) -> Rendered:
    """Settle the matter of a ticket."""
    before = await unit.load(TICKETS, id, if_match=if_match)
    return await unit.update(TICKETS, before, before.resolve(resolution, unit.now), TicketResolved)


async def reopen_ticket(unit: UnitOfWork, id: UUID, *, if_match: object, reason: str | None) -> Rendered:
    """Take a ticket up again that the customer does not see as settled."""
    before = await unit.load(TICKETS, id, if_match=if_match)
    return await unit.update(TICKETS, before, before.reopen(), TicketReopened, reason=reason)


async def close_ticket(unit: UnitOfWork, id: UUID, *, if_match: object, reason: str | None) -> Rendered:
    """Put a resolved ticket away."""
    before = await unit.load(TICKETS, id, if_match=if_match)
    return await unit.update(TICKETS, before, before.close(), TicketClosed, reason=reason)
