"""Use cases of templates, and what opening a project needs of them."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
from pydantic import TypeAdapter

from crm_contracts.project_template.v1 import (
    ProjectTemplateDrafted,
    ProjectTemplatePublished,
    ProjectTemplateRetired,
    ProjectTemplateUpdated,
    TemplateStatus,
)
from crm_platform.cel import CelError, Program, check, compile_program
from crm_platform.companies import today_of
from crm_platform.db import Connection
from crm_platform.errors import AlreadyExists, FieldProblem, InvalidPayload, NotFound
from crm_platform.http.fields import changes_of
from crm_platform.ids import new_id
from crm_platform.reads import Reader, Rendered
from crm_platform.uow import ANY_VERSION, UnitOfWork
from crm_platform.words import Words
from project_svc.project_templates import repository
from project_svc.project_templates.content.days import Days
from project_svc.project_templates.content.parts import TemplateContent
from project_svc.project_templates.domain import NOUN, ProjectTemplate
from project_svc.project_templates.errors import UnknownTemplate
from project_svc.project_templates.models import DEAL, PROJECT_TEMPLATES
from project_svc.project_templates.opening import preview as previews
from project_svc.project_templates.opening.building import Built, build, days_of
from project_svc.project_templates.opening.drafting import Sketch, sketched
from project_svc.project_templates.opening.places import refused
from project_svc.project_templates.opening.preview import told
from project_svc.project_templates.opening.relative import Relative
from project_svc.project_templates.saving.keeping import kept_as, loaded
from project_svc.project_templates.saving.sources import expect_published, source_of
from project_svc.project_templates.schemas import (
    PreviewAsked,
    PreviewUnassigned,
    TemplateCode,
    TemplateCreate,
    TemplatePreview,
    TemplateUpdate,
)
from project_svc.projects import service as projects
from project_svc.risk_scales import service as scales
from project_svc.templates import service as ready_made

__all__ = [
    "Chosen",
    "PreviewUnassigned",
    "ProjectTemplate",
    "Relative",
    "Rules",
    "Sketch",
    "TemplateCode",
    "TemplateContent",
    "UnknownTemplate",
    "beyond_scale",
    "create_template",
    "fill",
    "find_published",
    "in_force",
    "preview_template",
    "publish_template",
    "retire_template",
    "rules",
    "show_template",
    "sketch",
    "told",
    "update_template",
    "with_ready_made",
]

beyond_scale = repository.beyond_scale

_READY_MADE = TypeAdapter(list[ready_made.ReadyMadeRead]).dump_json(ready_made.shown())
_RESERVED = Words("A ready-made template has this code.", "该编码属于内置模板。")
_NO_DUE_DATE = Words(
    "A deal does not say when its project is due, so the template has to.", "商机未约定完成日期，须由模板给出。"
)
_END = date(2199, 12, 31)
"""When a project is due that nobody has said it of, and that is only looked at."""


async def show_template(reader: Reader, id: UUID) -> Rendered:
    """A template with its content.

    Raises:
        NotFound: There is no such template.
    """
    async with reader.open() as connection:
        row = await repository.shown(connection, id)
    if row is None:
        raise NotFound(what=NOUN, id=id)
    shown, content = row["shown"].encode(), row["content"].encode()
    return Rendered(id, b'%b,"content":%b}' % (shown[:-1], content), row["version"])


def with_ready_made(page: bytes) -> bytes:
    """A page of the company's templates with those beside them that every company has."""
    return b'%b,"ready_made":%b}' % (page[:-1], _READY_MADE)


async def create_template(unit: UnitOfWork, body: TemplateCreate) -> Rendered:
    """Begin a template, or the next edition of one, as a draft.

    Raises:
        AlreadyExists: There is one with this code, or a draft of it.
        UnknownTemplate: There is none with the code whose next edition it is to be, or of which it is to be a copy.
        UnknownProject: There is no such project that the caller may see.
        Forbidden: The caller may not see all of its parts.
        TemplateRefused: The project has more than a template holds.
    """
    if ready_made.ready_made(body.code) is not None:
        raise _invalid(unit, "/code", "reserved", _RESERVED)
    before = await repository.newest(unit.connection, body.code)
    if body.revises and before is None:
        raise UnknownTemplate(template=body.code)
    if before is not None and not body.revises:
        raise AlreadyExists(what=NOUN, field="code")
    source = await source_of(unit, body, before)
    content = source.content
    template = ProjectTemplate(
        id=new_id(),
        code=body.code,
        edition=1 if before is None else before.edition + 1,
        name=body.name or source.name,
        description=body.description or source.description,
        deal_rule=None if before is None else before.deal_rule,
        deal_priority=0 if before is None else before.deal_priority,
        source_project_id=body.project_id,
        counts=previews.counts_of(content),
        fingerprint="",
    )
    kept = await asyncio.to_thread(kept_as, content)
    try:
        made = await unit.insert(
            PROJECT_TEMPLATES, template.with_(fingerprint=kept.fingerprint), ProjectTemplateDrafted
        )
    except asyncpg.UniqueViolationError as error:
        raise AlreadyExists(what=NOUN, field="code") from error
    await repository.keep_content(unit.connection, template.id, kept.content)
    return made


async def update_template(unit: UnitOfWork, id: UUID, body: TemplateUpdate, *, if_match: object) -> Rendered:
    """Change a draft.

    Raises:
        TemplateNotDraft: It was published, or is retired.
        InvalidPayload: The rule about deals is none.
    """
    before = await unit.load(PROJECT_TEMPLATES, id, if_match=if_match)
    before.expect_draft()
    changes = changes_of(body)
    if body.deal_rule is not None:
        _check_rule(unit, body.deal_rule)
    content = changes.pop("content", None)
    if content is not None:
        kept = await asyncio.to_thread(kept_as, content)
        changes |= {"counts": previews.counts_of(content), "fingerprint": kept.fingerprint}
        await repository.keep_content(unit.connection, id, kept.content)
    return await unit.update(PROJECT_TEMPLATES, before, before.with_(**changes), ProjectTemplateUpdated)


async def publish_template(unit: UnitOfWork, id: UUID, *, if_match: object, reason: str | None) -> Rendered:
    """Let projects be opened from an edition from now on, in the place of the one before.

    A project is opened from it and taken back first, so that what is in force can be opened.

    Raises:
        InvalidTransition: It is no draft.
        TemplateRefused: No project could be opened from it.
    """
    before = await unit.load(PROJECT_TEMPLATES, id, if_match=if_match)
    after = before.published(at=unit.now, by=unit.caller.actor)
    content = await loaded(unit.connection, id)
    if before.deal_rule is not None and content.charter.due_on is None:
        text = _NO_DUE_DATE.into(unit.caller.language)
        raise refused(FieldProblem("/content/charter/due_on", "missing", text))
    await scales.in_force(unit)  # held here, as what the trial holds is let go with it
    await previews.tried(unit, _trial(before, await today_of(unit), _END), content, latest=None)
    former = await repository.in_force(unit.connection, before.code)
    if former is not None:
        locked = await unit.load(PROJECT_TEMPLATES, former.id, if_match=ANY_VERSION)
        if locked.status is TemplateStatus.PUBLISHED:
            await unit.update(PROJECT_TEMPLATES, locked, locked.retired(), ProjectTemplateRetired)
    return await unit.update(PROJECT_TEMPLATES, before, after, ProjectTemplatePublished, reason=reason)


async def retire_template(unit: UnitOfWork, id: UUID, *, if_match: object, reason: str | None) -> Rendered:
    """Open no more projects from an edition, or give a draft up.

    Raises:
        InvalidTransition: It is retired already.
    """
    before = await unit.load(PROJECT_TEMPLATES, id, if_match=if_match)
    return await unit.update(PROJECT_TEMPLATES, before, before.retired(), ProjectTemplateRetired, reason=reason)


async def preview_template(unit: UnitOfWork, id: UUID, body: PreviewAsked) -> TemplatePreview:
    """What a project of a template would begin with; nothing of it is kept.

    Raises:
        NotFound: There is no such template.
        DueBeforeStart: It would be due before it starts.
        TemplateRefused: No project can be opened from it.
    """
    template = await unit.load(PROJECT_TEMPLATES, id, if_match=ANY_VERSION)
    content = await loaded(unit.connection, id)
    starts_on = body.starts_on or await today_of(unit)
    due_on = body.due_on or await _due_on(unit, content, starts_on)
    project = _trial(template, starts_on, due_on or _END).checked()
    return await previews.preview(unit, project, content, due_on=due_on, latest=body.due_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A template from which a project is opened."""

    template: ProjectTemplate
    content: TemplateContent
    days: Days

    def due_on(self) -> date | None:
        """When a project of it is due; None where it says nothing."""
        said = self.content.charter.due_on
        return None if said is None else self.days.day(said.distance)


async def in_force(unit: UnitOfWork, code: str, starts_on: date) -> Chosen:
    """The published edition of a template, for a project that starts then.

    Raises:
        UnknownTemplate: The company has published none of this code.
    """
    return await _chosen(unit, await expect_published(unit, code), starts_on)


async def find_published(unit: UnitOfWork, code: str) -> ProjectTemplate | None:
    """The published edition of a template, without its content; None where there is none."""
    return await repository.in_force(unit.connection, code)


async def sketch(connection: Connection, id: UUID, starts_on: date, *, language: str) -> Sketch:
    """The plan that a project of an edition would begin with, whatever became of the edition since it was chosen.

    Raises:
        NotFound: There is no such edition.
        TemplateRefused: No project can be opened from it any more.
    """
    template = await repository.find(connection, id)
    if template is None:
        raise NotFound(what=NOUN, id=id)
    return await sketched(connection, _trial(template, starts_on, _END), await loaded(connection, id), language)


async def fill(unit: UnitOfWork, project: projects.Project, chosen: Chosen, *, latest: date | None) -> Built:
    """Give a project, opened in this transaction, all that its template has; nothing is due after ``latest``.

    Raises:
        TemplateRefused: Something cannot be so any more.
    """
    return await build(unit, project, chosen.content, latest=latest)


@dataclass(frozen=True, slots=True)
class Rules:
    """Which templates in force are for which deals."""

    known: Sequence[tuple[ProjectTemplate, Program]]

    async def choose(self, unit: UnitOfWork, deal: Mapping[str, Any], starts_on: date) -> Chosen | None:
        """The template for a deal, given by its members; None where no rule is true."""
        values = {f"deal.{name}": value for name, value in deal.items()}
        found = (template for template, rule in self.known if rule.evaluate(values, now=unit.now))
        template = next(found, None)
        return None if template is None else await _chosen(unit, template, starts_on)


async def rules(unit: UnitOfWork) -> Rules:
    """The rules of the company, in the order in which they are asked."""
    found = await repository.with_rules(unit.connection)
    return Rules([(one, compile_program(one.deal_rule or "false", DEAL)) for one in found])


async def _chosen(unit: UnitOfWork, template: ProjectTemplate, starts_on: date) -> Chosen:
    content = await loaded(unit.connection, template.id)
    return Chosen(template=template, content=content, days=await days_of(unit, content.plan, starts_on))


async def _due_on(unit: UnitOfWork, content: TemplateContent, starts_on: date) -> date | None:
    said = content.charter.due_on
    return None if said is None else (await days_of(unit, content.plan, starts_on)).day(said.distance)


def _trial(template: ProjectTemplate, starts_on: date, due_on: date) -> projects.Project:
    """A project that is only looked at, of nobody's."""
    return projects.Project(
        id=new_id(),
        owner_id=None,
        team_id=None,
        name=template.name,
        customer_id=new_id(),
        starts_on=starts_on,
        due_on=due_on,
    )


def _check_rule(unit: UnitOfWork, rule: str) -> None:
    try:
        check(rule, DEAL)
    except CelError as error:
        raise _invalid(unit, "/deal_rule", error.code, error.words()) from error


def _invalid(unit: UnitOfWork, pointer: str, code: str, text: Words) -> InvalidPayload:
    return InvalidPayload(count=1, errors=[FieldProblem(pointer, code, text.into(unit.caller.language))])
