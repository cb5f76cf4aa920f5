"""What new projects begin with: that of a ready-made template, or of one that the company has published."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from crm_platform.context import Cause
from crm_platform.uow import UnitOfWork
from project_svc.deliveries import service as deliveries
from project_svc.lifecycle.errors import DueDateMissing
from project_svc.lifecycle.schemas import ProjectCreate
from project_svc.project_templates import service as project_templates
from project_svc.projects import service as projects
from project_svc.risks import service as risks
from project_svc.templates import service as templates

FOR_DEALS = templates.TemplateCode.IMPLEMENTATION
"""What kind of project a won opportunity or signed contract becomes for which no rule of the company's is true."""

CHARTER = ("objectives", "scope_in", "scope_out", "success_criteria")
"""Members of a project that say what it is for, and that templates have too."""

Template = templates.ProjectTemplate | project_templates.Chosen


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A project that begins with what its template holds.

    Attributes:
        project: It.
        template: What it begins with; None for nothing.
        language: In which ready-made texts are written.
        cause: Why it begins.
        latest: When the last of its deliverables is due, where somebody has said when the project is.
    """

    project: projects.Project
    template: Template | None
    language: templates.Language
    cause: Cause
    latest: date | None = None


async def template_for(unit: UnitOfWork, code: str | None, starts_on: date) -> Template | None:
    """The template of a code, ready-made or published; None where none is asked for.

    Raises:
        UnknownTemplate: There is none.
    """
    if code is None:
        return None
    return templates.ready_made(code) or await project_templates.in_force(unit, code, starts_on)


async def template_for_deal(
    unit: UnitOfWork, rules: project_templates.Rules, deal: Mapping[str, Any], starts_on: date
) -> Template:
    """The template whose rule is true of a deal, given by its members; the ready-made one where none is."""
    return await rules.choose(unit, deal, starts_on) or templates.find(FOR_DEALS)


def due_on(template: Template | None, starts_on: date) -> date:
    """When a project is due that begins then.

    Raises:
        DueDateMissing: Nothing says it.
    """
    if isinstance(template, templates.ProjectTemplate):
        return starts_on + timedelta(days=template.duration_days)
    said = None if template is None else template.due_on()
    if said is None:
        raise DueDateMissing
    return said


def name_of(template: Template | None, customer: str, language: templates.Language) -> str:
    """What a project is called that nobody has named."""
    if template is None:
        return customer
    if isinstance(template, templates.ProjectTemplate):
        return f"{customer} · {template.name.into(language)}"
    return f"{customer} · {template.template.name}"


def members_of(template: Template | None) -> dict[str, Any]:
    """Members of a project that its template says."""
    if template is None or isinstance(template, templates.ProjectTemplate):
        return {"template": None if template is None else template.code}
    charter, edition = template.content.charter, template.template
    return {
        "template": edition.code,
        "template_id": edition.id,
        "template_edition": edition.edition,
        "budget": charter.budget,
        "risk_threshold": charter.risk_threshold,
        **{name: getattr(charter, name) for name in CHARTER},
    }


def said_in(body: ProjectCreate) -> Mapping[str, Any]:
    """Members of a project that a request says; they go before those of the template."""
    names = {*CHARTER, "risk_threshold", "budget"}
    said = {name: getattr(body, name) for name in names & body.model_fields_set if getattr(body, name) is not None}
    others = ("manager_id", "member_ids", "contract_reference")
    return said | {name: getattr(body, name) for name in others}


async def fill(unit: UnitOfWork, starts: Sequence[Start]) -> None:
    """Give new projects what their templates have.

    Those of ready-made templates get it in as few round trips as one would take; there can be many of them.

    Raises:
        TemplateRefused: Something in a template of the company's cannot be so any more.
    """
    ready_made = [(start, start.template) for start in starts if isinstance(start.template, templates.ProjectTemplate)]
    agreed = [(start, deliverable) for start, template in ready_made for deliverable in _deliverables(start, template)]
    await deliveries.plan_deliveries(
        unit,
        [(start.project, deliverable) for start, deliverable in agreed],
        causes=[start.cause for start, _ in agreed],
    )
    threats = [(start, threat) for start, template in ready_made for threat in _threats(start, template)]
    await risks.raise_risks(
        unit, [(start.project, threat) for start, threat in threats], causes=[start.cause for start, _ in threats]
    )
    for start in starts:
        if isinstance(start.template, project_templates.Chosen):
            speaking = replace(unit.caller, language=start.language)
            own = UnitOfWork(unit.connection, speaking, start.cause, clock=lambda: unit.now)
            await project_templates.fill(own, start.project, start.template, latest=start.latest)


def _deliverables(start: Start, template: templates.ProjectTemplate) -> list[deliveries.Deliverable]:
    """What the template wants delivered; nothing is due after the project is."""
    project, language = start.project, start.language
    return [
        deliveries.Deliverable(
            name=deliverable.name.into(language),
            acceptance_criteria=tuple(criterion.into(language) for criterion in deliverable.acceptance_criteria),
            due_on=min(project.starts_on + timedelta(days=deliverable.due_after_days), project.due_on),
        )
        for deliverable in template.deliverables
    ]


def _threats(start: Start, template: templates.ProjectTemplate) -> list[risks.Threat]:
    """What usually goes wrong with projects of the template."""
    return [
        risks.Threat(
            title=risk.title.into(start.language),
            category=risk.category,
            probability=risk.probability,
            impact=risk.impact,
        )
        for risk in template.risks
    ]
