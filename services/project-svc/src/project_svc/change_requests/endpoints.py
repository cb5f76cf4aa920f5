"""Routes of change requests."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.fields import Reason
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from project_svc.change_requests import service
from project_svc.change_requests.models import CHANGE_REQUESTS
from project_svc.change_requests.schemas import (
    ChangeDecision,
    ChangeRequestCreate,
    ChangeRequestRead,
    ChangeRequestUpdate,
)

router = service_router("Change requests")


@router.get(
    "/change-requests", response_model=Page[ChangeRequestRead], **reads("projects:read", lists=CHANGE_REQUESTS.resource)
)
async def list_change_requests(request: Request, reader: ReaderDep) -> Response:
    """List the change requests that the caller may see; filter by `project_id` for one project's."""
    return listed(await reader.page(CHANGE_REQUESTS.resource, page_params(request, CHANGE_REQUESTS.resource)))


@router.post("/change-requests", response_model=ChangeRequestRead, **writes("projects:write", creates=True))
async def draft_change_request(body: ChangeRequestCreate, unit: UnitOfWorkDep) -> Response:
    """Write down a change of a plan that somebody wants; publishes `change_request.drafted`."""
    return created(await service.draft_change(unit, body), "/v1/change-requests")


@router.get("/change-requests/{request_id}", response_model=ChangeRequestRead, **reads("projects:read"))
async def get_change_request(request_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one change request with its impact, and whether the plan has moved on since."""
    return shown(request, await reader.get(CHANGE_REQUESTS.resource, request_id))


@router.patch(
    "/change-requests/{request_id}", response_model=ChangeRequestRead, **writes("projects:write", versioned=True)
)
async def update_change_request(
    request_id: UUID, body: ChangeRequestUpdate, unit: UnitOfWorkDep, if_match: IfMatch
) -> Response:
    """Change a draft (merge patch; edits are replaced); publishes `change_request.updated`."""
    return changed(await service.update_change(unit, request_id, body, if_match=if_match))


@router.post(
    "/change-requests/{request_id}/submit", response_model=ChangeRequestRead, **writes("projects:write", versioned=True)
)
async def submit_change_request(request_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Analyse the impact of a draft and ask for approval; publishes `change_request.submitted`.

    The scheduler tells dates, cost and critical path with and without the edits; edits that contradict the plan are
    refused.
    """
    return changed(await service.submit_change(unit, request_id, if_match=if_match, reason=body.reason))


@router.post(
    "/change-requests/{request_id}/analyse",
    response_model=ChangeRequestRead,
    **writes("projects:write", versioned=True),
)
async def analyse_change_request(request_id: UUID, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Analyse the impact anew, for the plan as it is now; publishes `change_request.analysed`.

    Where the plan would end later, or cost more, than what was agreed, all have to agree anew:
    `change_request.submitted`.
    """
    return changed(await service.analyse_change(unit, request_id, if_match=if_match))


@router.post(
    "/change-requests/{request_id}/decide",
    response_model=ChangeRequestRead,
    **writes("change_approvals:write", versioned=True),
)
async def decide_change_request(
    request_id: UUID, body: ChangeDecision, unit: UnitOfWorkDep, if_match: IfMatch
) -> Response:
    """Approve or reject the next step, as somebody else than the author.

    Publishes `change_request.reviewed`, with the last approval `change_request.approved`, or
    `change_request.rejected`.
    """
    return changed(await service.decide_change(unit, request_id, body, if_match=if_match))


@router.post(
    "/change-requests/{request_id}/withdraw",
    response_model=ChangeRequestRead,
    **writes("projects:write", versioned=True),
)
async def withdraw_change_request(request_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Take a change request back; publishes `change_request.withdrawn`."""
    return changed(await service.withdraw_change(unit, request_id, if_match=if_match, reason=body.reason))


@router.post(
    "/change-requests/{request_id}/implement",
    response_model=ChangeRequestRead,
    **writes("projects:write", versioned=True),
)
async def implement_change_request(request_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Put an approved change into the plan and set a new baseline; publishes `change_request.implemented`.

    Also `plan.changed`, `task.planned`, `task.updated`, `task.removed` and `baseline.set`. Where the plan has moved on
    since the analysis, the refusal names the tasks that were changed meanwhile; analyse it again then.
    """
    return changed(await service.implement_change(unit, request_id, if_match=if_match, reason=body.reason))
