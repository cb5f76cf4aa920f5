"""Routes that open projects and move them on."""

from uuid import UUID

from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, UnitOfWorkDep
from crm_platform.http.fields import Reason
from crm_platform.http.responses import changed, created
from crm_platform.http.route import service_router, writes
from project_svc.lifecycle import service
from project_svc.lifecycle.schemas import ProjectCreate
from project_svc.projects.service import ProjectRead

router = service_router("Projects")


@router.post("/projects", response_model=ProjectRead, **writes("projects:write", creates=True))
async def open_project(body: ProjectCreate, unit: UnitOfWorkDep) -> Response:
    """Open a project, empty or from a template; publishes `project.opened`.

    From a template also `delivery.planned` and `risk.raised` for each deliverable and risk.
    """
    return created(await service.open_project(unit, body), "/v1/projects")


@router.post("/projects/{project_id}/approve", response_model=ProjectRead, **writes("projects:write", versioned=True))
async def approve_project(project_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Approve a project, so that work begins; publishes `project.started`."""
    return changed(await service.move_project(unit, project_id, "approve", if_match=if_match, reason=body.reason))


@router.post("/projects/{project_id}/pause", response_model=ProjectRead, **writes("projects:write", versioned=True))
async def pause_project(project_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Put a project on hold; publishes `project.paused`."""
    return changed(await service.move_project(unit, project_id, "pause", if_match=if_match, reason=body.reason))


@router.post("/projects/{project_id}/resume", response_model=ProjectRead, **writes("projects:write", versioned=True))
async def resume_project(project_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Go on with a project that was on hold; publishes `project.updated`."""
    return changed(await service.move_project(unit, project_id, "resume", if_match=if_match, reason=body.reason))


@router.post("/projects/{project_id}/complete", response_model=ProjectRead, **writes("projects:write", versioned=True))
async def complete_project(project_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Complete a project with nothing left to accept; publishes `project.completed`.

    A project completes by itself when its last deliverable is accepted; this is for projects without any, and for those
    that a mandatory quality gate, or a condition of one, kept open.
    """
    return changed(await service.move_project(unit, project_id, "complete", if_match=if_match, reason=body.reason))


@router.post("/projects/{project_id}/close", response_model=ProjectRead, **writes("projects:write", versioned=True))
async def close_project(project_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Close a completed project whose risks are all closed and outcomes reviewed; publishes `project.closed`.

    A closing report that waits for signatures keeps it open, and so does none where the closing rule wants one.
    """
    return changed(await service.move_project(unit, project_id, "close", if_match=if_match, reason=body.reason))


@router.post("/projects/{project_id}/cancel", response_model=ProjectRead, **writes("projects:write", versioned=True))
async def cancel_project(project_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Give a project up with all that is not accepted; publishes `delivery.cancelled` for each, `project.cancelled`."""
    return changed(await service.move_project(unit, project_id, "cancel", if_match=if_match, reason=body.reason))
