"""Use cases that span a project and its parts; endpoints and consumers call the same functions."""

from uuid import UUID

import structlog

from crm_contracts.inbound.v1 import ApprovalDecision, OaApprovalDecided
from crm_contracts.project.v1 import ProjectStatus
from crm_platform.companies import today_of
from crm_platform.errors import NotFound
from crm_platform.http.fields import ownership
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.uow import UnitOfWork
from project_svc.baselines import service as baselines
from project_svc.closing_reports import service as closing_reports
from project_svc.corrective_actions import service as corrective_actions
from project_svc.deliveries import service as deliveries
from project_svc.delivery_schedules import service as delivery_schedules
from project_svc.known_customers import service as known_customers
from project_svc.lifecycle.errors import (
    ConditionsOpen,
    DeliverablesOpen,
    DeliveriesToCome,
    OutcomesUnreviewed,
    QualityGatesOpen,
    RisksOpen,
    UnknownCustomer,
)
from project_svc.lifecycle.opening import starts
from project_svc.lifecycle.schemas import ProjectCreate
from project_svc.merged_customers import service as merged_customers
from project_svc.outcomes import service as outcomes
from project_svc.projects import service as projects
from project_svc.quality_gates import service as quality_gates
from project_svc.risks import service as risks

_log = structlog.get_logger(__name__)


async def open_project(unit: UnitOfWork, body: ProjectCreate) -> Rendered:
    """Open a project, empty or from a template; it belongs to who opens it unless the body says otherwise.

    Raises:
        UnknownCustomer: This service knows no such customer.
        DueDateMissing: Neither the body nor a template says when the project is due.
        DueBeforeStart: Its dates contradict each other.
        UnknownTemplate: There is none of this code, neither ready-made nor published.
        TemplateRefused: Something in the company's template cannot be so any more.
    """
    body = await merged_customers.mapped(unit.connection, body)
    customer = await known_customers.name_of(unit, body.customer_id)
    if customer is None:
        raise UnknownCustomer(customer_id=body.customer_id)
    starts_on = body.starts_on or await today_of(unit)
    template = await starts.template_for(unit, body.template, starts_on)
    language = unit.caller.language
    members = {
        "budget": body.budget,
        "risk_threshold": body.risk_threshold,
        **starts.members_of(template),
        **starts.said_in(body),
    }
    project = projects.Project(
        id=new_id(),
        **ownership(body, unit.caller),
        name=body.name or starts.name_of(template, customer, language),
        customer_id=body.customer_id,
        starts_on=starts_on,
        due_on=body.due_on or starts.due_on(template, starts_on),
        **members,
    )
    rendered = await projects.open_project(unit, project)
    start = starts.Start(project=project, template=template, language=language, cause=unit.cause, latest=body.due_on)
    await starts.fill(unit, [start])
    return rendered


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
        ReportInReview: Nor while its closing report waits for signatures.
        ReportMissing: Nor without one where the company wants it.
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
    if action == "close":
        await closing_reports.check_closable(unit, id)
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
