"""Route of the templates."""

from starlette.responses import Response

from crm_platform.http.lists import Page
from crm_platform.http.responses import listed
from crm_platform.http.route import reads, service_router
from project_svc.templates import service
from project_svc.templates.schemas import TemplateRead

router = service_router("Project templates")

_PAGE = Page[TemplateRead](
    items=[TemplateRead.model_validate(template) for template in service.list_all()], next_cursor=None
)
_BODY = _PAGE.model_dump_json(exclude={"count"}).encode()


@router.get("/project-templates", response_model=Page[TemplateRead], **reads("projects:read"))
async def list_project_templates() -> Response:
    """List the templates that projects can be opened from."""
    return listed(_BODY)
