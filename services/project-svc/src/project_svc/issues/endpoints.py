"""Routes of issues."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.fields import Reason
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from project_svc.issues import service
from project_svc.issues.models import ISSUES
from project_svc.issues.schemas import IssueCreate, IssueRead, IssueUpdate, Resolution

router = service_router("Issues")


@router.get("/issues", response_model=Page[IssueRead], **reads("projects:read", lists=ISSUES.resource))
async def list_issues(request: Request, reader: ReaderDep) -> Response:
    """List the issues and defects that the caller may see; filter by `project_id` for one project's."""
    return listed(await reader.page(ISSUES.resource, page_params(request, ISSUES.resource)))


@router.post("/issues", response_model=IssueRead, **writes("projects:write", creates=True))
async def open_issue(body: IssueCreate, unit: UnitOfWorkDep) -> Response:
    """Put an issue or a defect of a project on record; publishes `issue.opened`."""
    return created(await service.open_issue(unit, body), "/v1/issues")


@router.get("/issues/{issue_id}", response_model=IssueRead, **reads("projects:read"))
async def get_issue(issue_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one issue."""
    return shown(request, await reader.get(ISSUES.resource, issue_id))


@router.patch("/issues/{issue_id}", response_model=IssueRead, **writes("projects:write", versioned=True))
async def update_issue(issue_id: UUID, body: IssueUpdate, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Judge or assign an issue anew (merge patch); publishes `issue.updated`."""
    return changed(await service.update_issue(unit, issue_id, body, if_match=if_match))


@router.post("/issues/{issue_id}/start", response_model=IssueRead, **writes("projects:write", versioned=True))
async def start_issue(issue_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Begin to mend it; publishes `issue.started`."""
    return changed(await service.move_issue(unit, issue_id, "start", if_match=if_match, reason=body.reason))


@router.post("/issues/{issue_id}/resolve", response_model=IssueRead, **writes("projects:write", versioned=True))
async def resolve_issue(issue_id: UUID, body: Resolution, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Say how it was resolved, to be verified; publishes `issue.resolved`."""
    return changed(await service.move_issue(unit, issue_id, "resolve", if_match=if_match, reason=body.resolution))


@router.post("/issues/{issue_id}/reopen", response_model=IssueRead, **writes("projects:write", versioned=True))
async def reopen_issue(issue_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Record that it has come back; publishes `issue.reopened`."""
    return changed(await service.move_issue(unit, issue_id, "reopen", if_match=if_match, reason=body.reason))


@router.post("/issues/{issue_id}/close", response_model=IssueRead, **writes("projects:write", versioned=True))
async def close_issue(issue_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Record that it is verified, or will not be mended; publishes `issue.closed`."""
    return changed(await service.move_issue(unit, issue_id, "close", if_match=if_match, reason=body.reason))
