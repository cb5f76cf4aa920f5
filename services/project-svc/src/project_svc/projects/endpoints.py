"""Routes of projects as such; opening them and moving them on is in the slice `lifecycle`."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, listed, shown
from crm_platform.http.route import reads, service_router, writes
from project_svc.projects import service
from project_svc.projects.models import PROJECTS
from project_svc.projects.schemas import ProjectRead, ProjectUpdate

router = service_router("Projects")


@router.get("/projects", response_model=Page[ProjectRead], **reads("projects:read", lists=PROJECTS.resource))
async def list_projects(request: Request, reader: ReaderDep) -> Response:
    """List the projects that the caller may see."""
    return listed(await reader.page(PROJECTS.resource, page_params(request, PROJECTS.resource)))


@router.get("/projects/{project_id}", response_model=ProjectRead, **reads("projects:read"))
async def get_project(project_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one project."""
    return shown(request, await reader.get(PROJECTS.resource, project_id))


@router.patch("/projects/{project_id}", response_model=ProjectRead, **writes("projects:write", versioned=True))
async def update_project(project_id: UUID, body: ProjectUpdate, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Change name, dates or budget of a project (merge patch); publishes `project.updated`."""
    return changed(await service.update_project(unit, project_id, body, if_match=if_match))
