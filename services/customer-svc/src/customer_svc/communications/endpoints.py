"""Routes of communications."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.fields import Reason
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from crm_platform.saved_views.use import list_params
from customer_svc.communications import service
from customer_svc.communications.models import COMMUNICATIONS, FOLLOW_UPS
from customer_svc.communications.schemas import (
    CommunicationCreate,
    CommunicationRead,
    CommunicationUpdate,
    FollowUpPlan,
    FollowUpRead,
)

router = service_router("Communications")


@router.get(
    "/communications",
    response_model=Page[CommunicationRead],
    **reads("communications:read", lists=COMMUNICATIONS.resource, views=True),
)
async def list_communications(request: Request, reader: ReaderDep) -> Response:
    """List the communications that the caller may see, or search them; filter by `customer_id` for one customer's.

    Sealed contents (`contents_sealed`) are shown, but have no words to be found by, and are empty to filters.
    """
    params = await list_params(request, reader, COMMUNICATIONS.resource)
    return listed(await reader.page(COMMUNICATIONS.resource, params))


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


@router.post(
    "/communications/{communication_id}/plan-follow-up",
    response_model=CommunicationRead,
    **writes("communications:write", versioned=True),
)
async def plan_follow_up(
    communication_id: UUID, body: FollowUpPlan, unit: UnitOfWorkDep, if_match: IfMatch
) -> Response:
    """Agree on what comes next, in place of an earlier plan; publishes `communication.follow_up_planned`.

    When it is due (or as long before as asked for) and still open, `communication.follow_up_due` is published.
    """
    return changed(await service.plan_follow_up(unit, communication_id, body, if_match=if_match))


@router.post(
    "/communications/{communication_id}/complete-follow-up",
    response_model=CommunicationRead,
    **writes("communications:write", versioned=True),
)
async def complete_follow_up(communication_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Record that a follow-up is done; publishes `communication.follow_up_done`."""
    return changed(
        await service.settle_follow_up(unit, communication_id, "complete", if_match=if_match, reason=body.reason)
    )


@router.post(
    "/communications/{communication_id}/drop-follow-up",
    response_model=CommunicationRead,
    **writes("communications:write", versioned=True),
)
async def drop_follow_up(communication_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Record that a follow-up is not needed any more; publishes `communication.follow_up_dropped`."""
    return changed(
        await service.settle_follow_up(unit, communication_id, "drop", if_match=if_match, reason=body.reason)
    )


@router.get("/follow-ups", response_model=Page[FollowUpRead], **reads("communications:read", lists=FOLLOW_UPS))
async def list_follow_ups(request: Request, reader: ReaderDep) -> Response:
    """List what comes next, the earliest first; `filter=status == 'open' && assignee_id == '…'` for one person's.

    A follow-up is shown to whoever has to do it, also where the communication belongs to somebody else.
    """
    return listed(await reader.page(FOLLOW_UPS, page_params(request, FOLLOW_UPS)))
