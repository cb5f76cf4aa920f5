"""Use cases of change requests; endpoints and consumers call the same functions."""

import asyncio
from typing import Any
from uuid import UUID

import orjson
import structlog

from crm_contracts.base import DomainEvent
from crm_contracts.change_request.v1 import (
    ApprovalChannel,
    ApprovalStep,
    ChangeImpact,
    ChangeRequestAnalysed,
    ChangeRequestApproved,
    ChangeRequestDrafted,
    ChangeRequestImplemented,
    ChangeRequestRejected,
    ChangeRequestReviewed,
    ChangeRequestSubmitted,
    ChangeRequestUpdated,
    ChangeRequestWithdrawn,
    ChangeRisk,
    ChangeStatus,
    StepDecision,
)
from crm_contracts.inbound.v1 import ApprovalDecision, OaApprovalDecided
from crm_platform.errors import NotFound
from crm_platform.http.fields import STORED, changes_of
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.uow import UnitOfWork
from project_svc.baselines import service as baselines
from project_svc.change_requests import repository
from project_svc.change_requests.domain import APPROVAL, NOUN, WAITING, ChangeRequest, Verdict
from project_svc.change_requests.errors import EditsTooLarge, PlanHasMovedOn
from project_svc.change_requests.models import CHANGE_REQUESTS
from project_svc.change_requests.schemas import ChangeDecision, ChangeRequestCreate, ChangeRequestUpdate, Steps
from project_svc.plan import service as plans
from project_svc.projects import service as projects
from project_svc.risk_simulations import service as simulations
from project_svc.schedules import service as schedules

_log = structlog.get_logger(__name__)

MOST_BYTES = 256 * 1024
"""Of edits as JSON: they travel with every event of the request."""

_SHOWN_PATH = 200
_LONGEST_NAME = 200


async def draft_change(unit: UnitOfWork, body: ChangeRequestCreate) -> Rendered:
    """Write down a change that somebody wants; it belongs to whoever the project belongs to.

    Raises:
        UnknownProject: There is none that the caller may see.
        ProjectEnded: It is over.
        EditsTooLarge: They are too many for one request.
    """
    project = await projects.expect_open(unit, body.project_id)
    request = ChangeRequest(
        id=new_id(),
        owner_id=project.owner_id,
        team_id=project.team_id,
        project_id=project.id,
        number=await repository.last_number(unit.connection, project.id) + 1,
        title=body.title,
        rationale=body.rationale,
        category=body.category,
        edits=_kept(body.edits),
        steps=_steps(body.steps) if body.steps else _usual_steps(unit.caller.language),
    )
    return await unit.insert(CHANGE_REQUESTS, request, ChangeRequestDrafted)


async def update_change(unit: UnitOfWork, id: UUID, body: ChangeRequestUpdate, *, if_match: object) -> Rendered:
    """Change a draft.

    Raises:
        ChangeNotDraft: Somebody was asked to agree to it already.
        EditsTooLarge: They are too many for one request.
    """
    before = await unit.load(CHANGE_REQUESTS, id, if_match=if_match)
    changes = changes_of(body)
    if "edits" in changes:
        changes["edits"] = _kept(body.edits)
    if "steps" in changes:
        changes["steps"] = _steps(body.steps)
    return await unit.update(CHANGE_REQUESTS, before, before.changed(changes), ChangeRequestUpdated)


async def submit_change(unit: UnitOfWork, id: UUID, *, if_match: object, reason: str | None) -> Rendered:
    """Analyse what a draft would do, and ask those who have to agree.

    Raises:
        InvalidTransition: It is no draft.
        ProjectEnded: The project is over.
        PlanRefused: The edits contradict the plan; cycles and constraints that could not hold are refused too.
    """
    before = await unit.load(CHANGE_REQUESTS, id, if_match=if_match)
    before.expect("submit")
    after = before.submitted(await _impact(unit, before), at=unit.now)
    return await unit.update(CHANGE_REQUESTS, before, after, ChangeRequestSubmitted, reason=reason)


async def analyse_change(unit: UnitOfWork, id: UUID, *, if_match: object) -> Rendered:
    """Analyse anew what a request would do; if it is worse than what was agreed, all have to agree anew.

    Raises:
        InvalidTransition: It is a draft, or over.
        ProjectEnded: The project is over.
        PlanRefused: The edits contradict the plan by now.
    """
    before = await unit.load(CHANGE_REQUESTS, id, if_match=if_match)
    before.expect("analyse")
    after = before.analysed(await _impact(unit, before))
    reopened = after.status is ChangeStatus.SUBMITTED and before.status is not ChangeStatus.SUBMITTED
    return await unit.update(
        CHANGE_REQUESTS, before, after, ChangeRequestSubmitted if reopened else ChangeRequestAnalysed
    )


async def decide_change(unit: UnitOfWork, id: UUID, body: ChangeDecision, *, if_match: object) -> Rendered:
    """Approve or reject the next step.

    Raises:
        OwnChangeRequest: The caller has written the request.
        NotTheApprover: The next step is somebody else's, or is decided in the OA system.
        InvalidTransition: Nobody waits for a decision.
    """
    before = await unit.load(CHANGE_REQUESTS, id, if_match=if_match)
    before.expect_approver(unit.caller.id, unit.caller.actor)
    verdict = Verdict(decision=body.decision, at=unit.now, by=unit.caller.actor, comment=body.comment)
    return await _decide(unit, before, verdict)


async def decide_by_oa(unit: UnitOfWork, message: OaApprovalDecided) -> None:
    """Let a decision of the OA system take effect, if the next step waits for one.

    Raises:
        NotFound: There is no such change request.
    """
    before = await unit.find(CHANGE_REQUESTS, message.subject_id)
    if before is None:
        raise NotFound(what=NOUN, id=message.subject_id)
    step = before.next_step
    known = {one.reference for one in before.steps}
    asked = before.status in WAITING and step is not None and step.channel is ApprovalChannel.OA
    if not asked or message.approval_id in known:
        _log.info(
            "approval_is_not_waited_for",
            approval_id=message.approval_id,
            change_request_id=str(before.id),
            status=before.status.value,
            decision=message.decision.value,
        )
        return
    approved = message.decision is ApprovalDecision.APPROVED
    verdict = Verdict(
        decision=StepDecision.APPROVED if approved else StepDecision.REJECTED,
        at=unit.now,
        by=message.decided_by,
        comment=message.comment,
        reference=message.approval_id,
    )
    await _decide(unit, before, verdict)


async def withdraw_change(unit: UnitOfWork, id: UUID, *, if_match: object, reason: str | None) -> Rendered:
    """Take a request back.

    Raises:
        InvalidTransition: It is over.
    """
    before = await unit.load(CHANGE_REQUESTS, id, if_match=if_match)
    return await unit.update(CHANGE_REQUESTS, before, before.withdrawn(), ChangeRequestWithdrawn, reason=reason)


async def implement_change(unit: UnitOfWork, id: UUID, *, if_match: object, reason: str | None) -> Rendered:
    """Put an approved change into the plan, and the plan on record as a new baseline: all of it or nothing.

    Raises:
        InvalidTransition: It is not approved.
        ProjectEnded: The project is over.
        PlanHasMovedOn: The impact that was agreed to is not that of the plan as it is now.
    """
    before = await unit.load(CHANGE_REQUESTS, id, if_match=if_match)
    before.expect("implement")
    project = await projects.expect_open(unit, before.project_id)
    whole = await plans.whole_plan(unit.connection, project)
    _expect_revision(before, whole)
    edit = plans.PlanEdit.model_validate(before.edits, context=STORED)
    await plans.edit_plan(unit, project.id, edit, if_match=whole.plan.version)
    name = f"#{before.number} {before.title}"[:_LONGEST_NAME]
    baseline = await baselines.set_for_change(unit, project.id, name, change_request_id=id)
    after = before.implemented(baseline.id, at=unit.now)
    return await unit.update(CHANGE_REQUESTS, before, after, ChangeRequestImplemented, reason=reason)


async def _decide(unit: UnitOfWork, before: ChangeRequest, verdict: Verdict) -> Rendered:
    after = before.decided(verdict)
    event: type[DomainEvent[Any]] = ChangeRequestReviewed
    if after.status is ChangeStatus.APPROVED:
        event = ChangeRequestApproved
    elif after.status is ChangeStatus.REJECTED:
        event = ChangeRequestRejected
    return await unit.update(CHANGE_REQUESTS, before, after, event, reason=verdict.comment)


async def _impact(unit: UnitOfWork, request: ChangeRequest) -> ChangeImpact:
    """What the edits of a request would do to the plan as it is now."""
    project = await projects.expect_open(unit, request.project_id)
    edit = plans.PlanEdit.model_validate(request.edits, context=STORED)
    language = unit.caller.language
    trial = await plans.tried(unit.connection, project, edit, language=language)
    before, after = await asyncio.to_thread(trial.outcome)
    found = await asyncio.to_thread(schedules.difference, before, after, trial.around)
    earlier, later = found["before"], found["after"]
    return ChangeImpact(
        plan_revision=trial.whole.plan.version,
        analysed_at=unit.now,
        finishes_before=earlier["finishes_at"],
        finishes_after=later["finishes_at"],
        finish_delta=found["finish"],
        cost_before=earlier["cost"],
        cost_after=later["cost"],
        cost_delta=found["cost"],
        critical_before=earlier["critical_path"][:_SHOWN_PATH],
        critical_after=later["critical_path"][:_SHOWN_PATH],
        tasks_changed=len(found["changed"]),
        tasks_added=len(found["added"]),
        tasks_removed=len(found["removed"]),
        risk=await _risk(unit, project, (before, after), trial.around),
    )


async def _risk(
    unit: UnitOfWork,
    project: projects.Project,
    sides: tuple[plans.WholePlan, plans.WholePlan],
    around: plans.Surroundings,
) -> ChangeRisk | None:
    """What risks make of the plan without and with the edits, by equal draws."""
    figures: dict[str, Any] = {"iterations": simulations.OUTLOOK}
    for when, side in zip(("before", "after"), sides, strict=True):
        one = await simulations.outlook(unit, project, side, around)
        if one is None:
            return None
        figures |= {
            f"finish_p50_{when}": simulations.moment(one.finish.percentile(50)),
            f"finish_p80_{when}": simulations.moment(one.finish.percentile(80)),
            f"cost_p80_{when}": {"amount": f"{one.cost.percentile(80):.2f}", "currency": side.plan.currency},
        }
    return ChangeRisk.model_validate(figures)


def _expect_revision(request: ChangeRequest, whole: plans.WholePlan) -> None:
    impact = request.impact
    if impact is None or impact.plan_revision == whole.plan.version:
        return
    raise PlanHasMovedOn(
        analysed=impact.plan_revision, current=whole.plan.version, tasks=_moved(request.edits, impact, whole)
    )


def _moved(edits: dict[str, Any], impact: ChangeImpact, whole: plans.WholePlan) -> list[dict[str, Any]]:
    """The tasks that edits name and that were changed or removed since they were analysed."""
    named = [*edits.get("remove", ()), *(one["id"] for one in edits.get("tasks", ()) if one.get("id"))]
    found: list[dict[str, Any]] = []
    for id in named:
        task = whole.tasks.get(UUID(id))
        if task is None:
            found.append({"id": id, "name": None, "what": "removed"})
        elif task.updated_at is not None and task.updated_at > impact.analysed_at:
            found.append({"id": id, "name": task.name, "what": "changed"})
    return found


def _kept(edits: plans.PlanEdit) -> dict[str, Any]:
    """Edits as they were sent.

    Raises:
        EditsTooLarge: They are too many for one request.
    """
    kept = edits.model_dump(mode="json", exclude_unset=True)
    size = len(orjson.dumps(kept))
    if size > MOST_BYTES:
        raise EditsTooLarge(size=size, most=MOST_BYTES)
    return kept


def _steps(steps: Steps) -> tuple[ApprovalStep, ...]:
    return tuple(
        ApprovalStep(number=number, name=step.name, channel=step.channel, approver_id=step.approver_id)
        for number, step in enumerate(steps, 1)
    )


def _usual_steps(language: str) -> tuple[ApprovalStep, ...]:
    return (ApprovalStep(number=1, name=APPROVAL.into(language), channel=ApprovalChannel.CRM, approver_id=None),)
