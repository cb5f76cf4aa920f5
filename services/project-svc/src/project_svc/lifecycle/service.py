"""Use cases that span a project and its parts; endpoints and consumers call the same functions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import structlog

from crm_contracts.inbound.v1 import ApprovalDecision, OaApprovalDecided
from crm_contracts.project.v1 import ProjectStatus
from crm_contracts.sales.v1 import OpportunitySnapshot, OpportunityWon
from crm_platform.context import Cause
from crm_platform.errors import NotFound
from crm_platform.events.wire import Record
from crm_platform.http.fields import ownership
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.uow import UnitOfWork
from project_svc.baselines import service as baselines
from project_svc.corrective_actions import service as corrective_actions
from project_svc.deliveries import service as deliveries
from project_svc.delivery_schedules import service as delivery_schedules
from project_svc.known_customers import service as known_customers
from project_svc.lifecycle.errors import (
    ConditionsOpen,
    DeliverablesOpen,
    DeliveriesToCome,
    DueDateMissing,
    OpportunityWithoutCustomer,
    OutcomesUnreviewed,
    QualityGatesOpen,
    RisksOpen,
    UnknownCustomer,
)
from project_svc.lifecycle.schemas import ProjectCreate
from project_svc.merged_customers import service as merged_customers
from project_svc.outcomes import service as outcomes
from project_svc.projects import service as projects
from project_svc.quality_gates import service as quality_gates
from project_svc.risks import service as risks
from project_svc.templates import service as templates

_log = structlog.get_logger(__name__)

FOR_OPPORTUNITIES = templates.TemplateCode.IMPLEMENTATION
"""What kind of project a won opportunity becomes."""


CHARTER = (
    "objectives",
    "scope_in",
    "scope_out",
    "success_criteria",
    "manager_id",
    "member_ids",
    "contract_reference",
)
"""Members of a project that say what it is for, and who does it."""


async def open_project(unit: UnitOfWork, body: ProjectCreate) -> Rendered:
    """Open a project, empty or from a template; it belongs to who opens it unless the body says otherwise.

    Raises:
        UnknownCustomer: This service knows no such customer.
        DueDateMissing: Neither the body nor a template says when the project is due.
        DueBeforeStart: Its dates contradict each other.
    """
    body = await merged_customers.mapped(unit.connection, body)
    customer = await known_customers.name_of(unit, body.customer_id)
    if customer is None:
        raise UnknownCustomer(customer_id=body.customer_id)
    template = templates.find(body.template) if body.template else None
    starts_on = body.starts_on or unit.now.date()
    language = unit.caller.language
    project = projects.Project(
        id=new_id(),
        **ownership(body, unit.caller),
        name=body.name or (f"{customer} · {template.name.into(language)}" if template else customer),
        customer_id=body.customer_id,
        template=body.template,
        starts_on=starts_on,
        due_on=body.due_on or _due_on(template, starts_on),
        budget=body.budget,
        risk_threshold=body.risk_threshold,
        **{name: getattr(body, name) for name in CHARTER},
    )
    rendered = await projects.open_project(unit, project)
    if template is not None:
        await _fill(unit, [_Start(project, template, language, unit.cause)])
    return rendered


async def open_for_opportunities(unit: UnitOfWork, won: Sequence[tuple[OpportunityWon, Record]]) -> None:
    """Open one project for each won opportunity that has none, in the language of the opportunity's name.

    Raises:
        OpportunityWithoutCustomer: There is nobody to do a project for.
    """
    known = await projects.find_by_opportunities(unit, [event.state.id for event, _ in won])
    starts: list[_Start] = []
    for event, record in won:
        opportunity = event.state
        if opportunity.id in known:
            project_id = str(known[opportunity.id])
            _log.info("project_is_open_already", project_id=project_id, opportunity_id=str(opportunity.id))
            continue
        opportunity = await merged_customers.mapped(unit.connection, opportunity)
        start = _start_for(unit, opportunity, unit.cause_of(record))
        known[opportunity.id] = start.project.id
        starts.append(start)
    await projects.open_projects(unit, [start.project for start in starts], causes=[start.cause for start in starts])
    await _fill(unit, starts)


@dataclass(frozen=True, slots=True)
class _Start:
    """A project that begins with what its template holds, and why it does."""

    project: projects.Project
    template: templates.ProjectTemplate
    language: templates.Language
    cause: Cause


def _start_for(unit: UnitOfWork, opportunity: OpportunitySnapshot, cause: Cause) -> _Start:
    if opportunity.customer_id is None:
        raise OpportunityWithoutCustomer(opportunity_id=opportunity.id)
    template = templates.find(FOR_OPPORTUNITIES)
    starts_on = opportunity.closed_on or unit.now.date()
    project = projects.Project(
        id=new_id(),
        owner_id=opportunity.owner_id,
        team_id=opportunity.team_id,
        name=opportunity.name,
        customer_id=opportunity.customer_id,
        opportunity_id=opportunity.id,
        template=template.code,
        starts_on=starts_on,
        due_on=_due_on(template, starts_on),
        budget=opportunity.value,
    )
    return _Start(project, template, templates.language_of(opportunity.name), cause)


async def move_project(unit: UnitOfWork, id: UUID, action: str, *, if_match: object, reason: str | None) -> Rendered:
    """Take a step: ``approve``, ``pause``, ``resume``, ``complete``, ``close`` or ``cancel``.

    With a project all of its deliverables are cancelled that are not accepted.

    Raises:
        InvalidTransition: Not possible in the present state.
        DeliverablesOpen: It cannot be complete with deliverables that are not accepted.
        DeliveriesToCome: It cannot be complete while schedules go on planning some.
        QualityGatesOpen: Nor with mandatory quality gates that have not passed.
        ConditionsOpen: Nor with conditions of these that are not met.
        RisksOpen: It cannot be closed with risks that are not.
        OutcomesUnreviewed: It cannot be closed with outcomes whose review is due.
        BaselineMissing: It has a plan that nobody has put on record, so it cannot start.
    """
    if action == "cancel":
        await deliveries.lock_open(unit, id)
    before = await projects.load(unit, id, if_match=if_match)
    after = before.move(action, at=unit.now, by=unit.caller.actor)
    if action == "complete":
        await _expect_complete(unit, id)
    if action == "approve":
        await baselines.expect_baseline(unit, before, sets=False)
    if action == "close" and (count := await risks.count_open(unit, id)):
        raise RisksOpen(count=count)
    if action == "close" and (count := await outcomes.count_unreviewed(unit, id)):
        raise OutcomesUnreviewed(count=count)
    if action == "cancel":
        await delivery_schedules.end_all(unit, id, reason=reason)
        await deliveries.cancel_open(unit, id, reason=reason)
    return await projects.record_move(unit, before, after, action, reason=reason)


async def _expect_complete(unit: UnitOfWork, id: UUID) -> None:
    if count := await deliveries.count_open(unit, id):
        raise DeliverablesOpen(count=count)
    if count := await delivery_schedules.count_active(unit, id):
        raise DeliveriesToCome(count=count)
    if names := await quality_gates.find_holding(unit, id):
        raise QualityGatesOpen(names="; ".join(names))
    if count := await corrective_actions.count_conditions(unit, id):
        raise ConditionsOpen(count=count)


_WAITING = frozenset({ProjectStatus.DRAFT, ProjectStatus.PLANNED})


async def decide(unit: UnitOfWork, decision: OaApprovalDecided) -> None:
    """Let an approval of the OA system take effect, if the project still waits for one.

    What is approved is the plan as it stands: where it is not on record yet, it is from then on.

    Raises:
        NotFound: There is no such project.
    """
    action = "approve" if decision.decision is ApprovalDecision.APPROVED else "cancel"
    if action == "cancel":
        await deliveries.lock_open(unit, decision.subject_id)
    before = await projects.find(unit, decision.subject_id)
    if before is None:
        raise NotFound(what=projects.NOUN, id=decision.subject_id)
    if before.status not in _WAITING:
        _log.info(
            "approval_comes_too_late",
            approval_id=decision.approval_id,
            project_id=str(before.id),
            status=before.status.value,
            decision=decision.decision.value,
        )
        return
    after = before.move(action, at=unit.now, by=decision.decided_by)
    if action == "approve":
        await baselines.expect_baseline(unit, before, sets=True)
    if action == "cancel":
        await delivery_schedules.end_all(unit, before.id, reason=decision.comment)
        await deliveries.cancel_open(unit, before.id, reason=decision.comment)
    await projects.record_move(unit, before, after, action, reason=decision.comment)


def _due_on(template: templates.ProjectTemplate | None, starts_on: date) -> date:
    if template is None:
        raise DueDateMissing
    return starts_on + timedelta(days=template.duration_days)


async def _fill(unit: UnitOfWork, starts: Sequence[_Start]) -> None:
    """Give new projects the deliverables and risks of their templates, all in as few round trips as one would take."""
    agreed = [(start, deliverable) for start in starts for deliverable in _deliverables(start)]
    await deliveries.plan_deliveries(
        unit,
        [(start.project, deliverable) for start, deliverable in agreed],
        causes=[start.cause for start, _ in agreed],
    )
    threats = [(start, threat) for start in starts for threat in _threats(start)]
    await risks.raise_risks(
        unit, [(start.project, threat) for start, threat in threats], causes=[start.cause for start, _ in threats]
    )


def _deliverables(start: _Start) -> list[deliveries.Deliverable]:
    """What the template wants delivered; nothing is due after the project is."""
    project, language = start.project, start.language
    return [
        deliveries.Deliverable(
            name=deliverable.name.into(language),
            acceptance_criteria=tuple(criterion.into(language) for criterion in deliverable.acceptance_criteria),
            due_on=min(project.starts_on + timedelta(days=deliverable.due_after_days), project.due_on),
        )
        for deliverable in start.template.deliverables
    ]


def _threats(start: _Start) -> list[risks.Threat]:
    """What usually goes wrong with projects of the template."""
    return [
        risks.Threat(
            title=risk.title.into(start.language),
            category=risk.category,
            probability=risk.probability,
            impact=risk.impact,
        )
        for risk in start.template.risks
    ]
