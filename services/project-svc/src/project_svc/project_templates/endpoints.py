"""Routes of the templates."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.fields import Reason
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from project_svc.project_templates import service
from project_svc.project_templates.models import PROJECT_TEMPLATES
from project_svc.project_templates.schemas import (
    PreviewAsked,
    TemplateCreate,
    TemplatePage,
    TemplatePreview,
    TemplateRead,
    TemplateShown,
    TemplateUpdate,
)

router = service_router("Project templates")


@router.get(
    "/project-templates", response_model=TemplatePage, **reads("templates:read", lists=PROJECT_TEMPLATES.resource)
)
async def list_project_templates(request: Request, reader: ReaderDep) -> Response:
    """List the templates of the company, and beside them the ready-made ones.

    Projects are opened from ready-made templates and from those that are published, by their code.
    """
    page = await reader.page(PROJECT_TEMPLATES.resource, page_params(request, PROJECT_TEMPLATES.resource))
    return listed(service.with_ready_made(page))


@router.post("/project-templates", response_model=TemplateRead, **writes("templates:write", creates=True))
async def create_project_template(body: TemplateCreate, unit: UnitOfWorkDep) -> Response:
    """Begin a template as a draft, from nothing, another one, or a project; publishes `project_template.drafted`.

    With `project_id` the dates of the project become distances from its start, and people become their skills. What is
    published is never changed: `revises` begins its next edition.
    """
    return created(await service.create_template(unit, body), "/v1/project-templates")


@router.get("/project-templates/{template_id}", response_model=TemplateShown, **reads("templates:read"))
async def get_project_template(template_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one edition of a template with its content."""
    return shown(request, await service.show_template(reader, template_id))


@router.patch(
    "/project-templates/{template_id}", response_model=TemplateRead, **writes("templates:write", versioned=True)
)
async def update_project_template(
    template_id: UUID, body: TemplateUpdate, unit: UnitOfWorkDep, if_match: IfMatch
) -> Response:
    """Change a draft (merge patch; the content is replaced); publishes `project_template.updated`."""
    return changed(await service.update_template(unit, template_id, body, if_match=if_match))


@router.post(
    "/project-templates/{template_id}/publish", response_model=TemplateRead, **writes("templates:write", versioned=True)
)
async def publish_project_template(template_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Bring a draft into force; publishes `project_template.published`.

    A content from which no project can be opened is refused with the places that are why. The edition that was in force
    before is retired: `project_template.retired`.
    """
    return changed(await service.publish_template(unit, template_id, if_match=if_match, reason=body.reason))


@router.post(
    "/project-templates/{template_id}/retire", response_model=TemplateRead, **writes("templates:write", versioned=True)
)
async def retire_project_template(template_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Open no more projects from an edition, or give a draft up; publishes `project_template.retired`."""
    return changed(await service.retire_template(unit, template_id, if_match=if_match, reason=body.reason))


@router.post("/project-templates/{template_id}/preview", response_model=TemplatePreview, **reads("projects:write"))
async def preview_project_template(template_id: UUID, body: PreviewAsked, unit: UnitOfWorkDep) -> Response:
    """Show what a project of an edition would begin with, with all dates; nothing of it is kept.

    What would be refused when such a project is opened is refused here.
    """
    found = await service.preview_template(unit, template_id, body)
    return listed(found.model_dump_json().encode())
