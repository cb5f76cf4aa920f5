"""What a new edition of a template begins with."""

from dataclasses import dataclass

from crm_platform.errors import Forbidden
from crm_platform.uow import UnitOfWork
from project_svc.project_templates import repository
from project_svc.project_templates.content.parts import TemplateContent
from project_svc.project_templates.domain import ProjectTemplate
from project_svc.project_templates.errors import UnknownTemplate
from project_svc.project_templates.saving.keeping import loaded
from project_svc.project_templates.saving.reading import content_of
from project_svc.project_templates.saving.ready_made import copied
from project_svc.project_templates.schemas import TemplateCreate
from project_svc.projects import service as projects
from project_svc.risk_scales import service as risk_scales
from project_svc.templates import service as ready_made

_OF_PROJECTS = ("projects:read", "deliveries:read", "outcomes:read", "risks:read")
"""What it takes to see all that a template takes over from a project."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A content with what else an edition takes over."""

    content: TemplateContent
    name: str
    description: str | None = None


async def source_of(unit: UnitOfWork, body: TemplateCreate, before: ProjectTemplate | None) -> Source:
    """What a new edition begins with.

    Raises:
        UnknownTemplate: There is none of which it is to be a copy.
        UnknownProject: There is no such project that the caller may see.
        Forbidden: The caller may not see all of its parts.
        TemplateRefused: The project has more than a template holds.
    """
    name = body.code if before is None else before.name
    description = None if before is None else before.description
    if body.project_id is not None:
        _expect_to_see_all(unit)
        project = await projects.expect(unit, body.project_id)
        return Source(content=await content_of(unit, project), name=project.name, description=description)
    if body.copy_of is not None:
        return await _copy(unit, body.copy_of)
    if body.content is not None:
        return Source(content=body.content, name=name, description=description)
    content = TemplateContent() if before is None else await loaded(unit.connection, before.id)
    return Source(content=content, name=name, description=description)


def _expect_to_see_all(unit: UnitOfWork) -> None:
    """Refuse to show by way of a template what the caller may not see in a project."""
    missing = next((scope for scope in _OF_PROJECTS if not unit.caller.may(scope)), None)
    if missing is not None:
        raise Forbidden(scope=missing)


async def _copy(unit: UnitOfWork, code: str) -> Source:
    known = ready_made.ready_made(code)
    if known is not None:
        language: ready_made.Language = "zh" if unit.caller.language == "zh" else "en"
        content = copied(known, await risk_scales.in_force(unit), language)
        return Source(content=content, name=known.name.into(language))
    template = await expect_published(unit, code)
    content = await loaded(unit.connection, template.id)
    return Source(content=content, name=template.name, description=template.description)


async def expect_published(unit: UnitOfWork, code: str) -> ProjectTemplate:
    """The published edition of a template.

    Raises:
        UnknownTemplate: The company has published none of this code.
    """
    template = await repository.in_force(unit.connection, code)
    if template is None:
        raise UnknownTemplate(template=code)
    return template
