"""Routes of corrective and preventive actions."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.fields import Reason
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from project_svc.corrective_actions import service
from project_svc.corrective_actions.models import CORRECTIVE_ACTIONS
from project_svc.corrective_actions.schemas import CorrectiveActionCreate, CorrectiveActionRead, CorrectiveActionUpdate

router = service_router("Corrective actions")


@router.get(
    "/corrective-actions",
    response_model=Page[CorrectiveActionRead],
    **reads("projects:read", lists=CORRECTIVE_ACTIONS.resource),
)
async def list_corrective_actions(request: Request, reader: ReaderDep) -> Response:
    """List the actions that the caller may see; filter by `project_id`, `source` or `overdue`."""
    return listed(await reader.page(CORRECTIVE_ACTIONS.resource, page_params(request, CORRECTIVE_ACTIONS.resource)))


@router.post("/corrective-actions", response_model=CorrectiveActionRead, **writes("projects:write", creates=True))
async def raise_corrective_action(body: CorrectiveActionCreate, unit: UnitOfWorkDep) -> Response:
    """Enter a corrective or preventive action of a project; publishes `corrective_action.raised`.

    Not done by the end of the day on which it is due, it is told of by `corrective_action.overdue`.
    """
    return created(await service.raise_action(unit, body), "/v1/corrective-actions")


@router.get("/corrective-actions/{action_id}", response_model=CorrectiveActionRead, **reads("projects:read"))
async def get_corrective_action(action_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one action."""
    return shown(request, await reader.get(CORRECTIVE_ACTIONS.resource, action_id))


@router.patch(
    "/corrective-actions/{action_id}",
    response_model=CorrectiveActionRead,
    **writes("projects:write", versioned=True),
)
async def update_corrective_action(
    action_id: UUID, body: CorrectiveActionUpdate, unit: UnitOfWorkDep, if_match: IfMatch
) -> Response:
    """Change an action, who sees to it or until when (merge patch); publishes `corrective_action.updated`."""
    return changed(await service.update_action(unit, action_id, body, if_match=if_match))


@router.post(
    "/corrective-actions/{action_id}/start",
    response_model=CorrectiveActionRead,
    **writes("projects:write", versioned=True),
)
async def start_corrective_action(action_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Begin an action, or take up again one that did not help; publishes `corrective_action.started`."""
    return changed(await service.move_action(unit, action_id, "start", if_match=if_match, reason=body.reason))


@router.post(
    "/corrective-actions/{action_id}/finish",
    response_model=CorrectiveActionRead,
    **writes("projects:write", versioned=True),
)
async def finish_corrective_action(action_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Record that an action was carried out; publishes `corrective_action.done`."""
    return changed(await service.move_action(unit, action_id, "finish", if_match=if_match, reason=body.reason))


@router.post(
    "/corrective-actions/{action_id}/verify",
    response_model=CorrectiveActionRead,
    **writes("projects:write", versioned=True),
)
async def verify_corrective_action(action_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Record that an action was effective; publishes `corrective_action.verified`."""
    return changed(await service.move_action(unit, action_id, "verify", if_match=if_match, reason=body.reason))


@router.post(
    "/corrective-actions/{action_id}/cancel",
    response_model=CorrectiveActionRead,
    **writes("projects:write", versioned=True),
)
async def cancel_corrective_action(action_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Give up an action that is not needed any more; publishes `corrective_action.cancelled`."""
    return changed(await service.move_action(unit, action_id, "cancel", if_match=if_match, reason=body.reason))
