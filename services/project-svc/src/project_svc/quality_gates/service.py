"""Use cases of quality gates; endpoints and other slices call the same functions."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from crm_contracts.base import DomainEvent
from crm_contracts.control.v1 import (
    CheckItem,
    GateCondition,
    GateVerdict,
    QualityGateFailed,
    QualityGatePassed,
    QualityGatePlanned,
    QualityGateReviewed,
    QualityGateUpdated,
    QualityGateWaived,
)
from crm_platform.http.fields import changes_of
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.uow import UnitOfWork
from project_svc.corrective_actions import service as corrective_actions
from project_svc.deliveries import service as deliveries
from project_svc.gate_checklists import service as gate_checklists
from project_svc.plan import service as plans
from project_svc.projects import service as projects
from project_svc.quality_gates import repository
from project_svc.quality_gates.domain import Finding, QualityGate, Review
from project_svc.quality_gates.errors import DeliveryOfAnotherProject
from project_svc.quality_gates.models import QUALITY_GATES
from project_svc.quality_gates.schemas import Checklist, GateReviewCreate, QualityGateCreate, QualityGateUpdate

__all__ = [
    "Checklist",
    "QualityGate",
    "QualityGateCreate",
    "find_holding",
    "hold",
    "of_project",
    "plan_gate",
    "review_gate",
    "update_gate",
    "waive_gate",
]

of_project = repository.of_project

_EVENTS: Mapping[GateVerdict | None, type[DomainEvent[Any]]] = {
    None: QualityGateReviewed,
    GateVerdict.PASSED: QualityGatePassed,
    GateVerdict.PASSED_WITH_CONDITIONS: QualityGatePassed,
    GateVerdict.FAILED: QualityGateFailed,
}
"""What is told of each verdict."""


async def plan_gate(unit: UnitOfWork, body: QualityGateCreate) -> Rendered:
    """Plan a quality gate, with the ready-made checklist of its kind unless the body has one.

    Raises:
        UnknownProject: There is none that the caller may see.
        ProjectEnded: It is over.
        UnknownDelivery: There is no such deliverable that the caller may see.
        DeliveryOfAnotherProject: It is not one of the gate's project.
        UnknownTask: The project has no such task.
    """
    await _check_delivery(unit, body.delivery_id, body.project_id)
    project = await projects.expect_open(unit, body.project_id)
    await plans.expect_task(unit.connection, project.id, body.task_id)
    checklist = (
        _items(body.checklist) if body.checklist else gate_checklists.ready_made(body.kind, unit.caller.language)
    )
    gate = QualityGate(
        id=new_id(), owner_id=project.owner_id, team_id=project.team_id, **(dict(body) | {"checklist": checklist})
    )
    return await unit.insert(QUALITY_GATES, gate, QualityGatePlanned)


async def update_gate(unit: UnitOfWork, id: UUID, body: QualityGateUpdate, *, if_match: object) -> Rendered:
    """Change the plan of a quality gate.

    Raises:
        GateSettled: It has passed, or was waived.
        UnknownDelivery: There is no such deliverable that the caller may see.
        DeliveryOfAnotherProject: It is not one of the gate's project.
    """
    before = await unit.load(QUALITY_GATES, id, if_match=if_match)
    before.expect_unsettled()
    changes = changes_of(body)
    if "checklist" in changes:
        changes["checklist"] = _items(body.checklist)
    after = before.with_(**changes)
    await _check_delivery(unit, after.delivery_id, after.project_id)
    if after.task_id != before.task_id:
        await plans.expect_task(unit.connection, after.project_id, after.task_id)
    return await unit.update(QUALITY_GATES, before, after, QualityGateUpdated)


async def review_gate(unit: UnitOfWork, id: UUID, body: GateReviewCreate, *, if_match: object) -> Rendered:
    """Put down findings, and a verdict where there is one; its conditions become corrective actions.

    Raises:
        ProjectEnded: The project is over.
        NotAReviewer: The gate names its reviewers, and the caller is none of them.
        GateSettled: It has passed, or was waived.
        TooManyReviews: It had so many verdicts that another one would help nobody.
        VerdictDoesNotFit: The review contradicts the checklist or itself.
    """
    before = await unit.load(QUALITY_GATES, id, if_match=if_match)
    project = await projects.expect_open(unit, before.project_id)
    before.expect_reviewer(unit.caller.id)
    conditions = [GateCondition(**dict(one), action_id=new_id()) for one in body.conditions]
    review = Review(
        findings=[Finding(**dict(one)) for one in body.findings],
        verdict=body.verdict,
        conditions=conditions,
        comment=body.comment,
    )
    after = before.reviewed(review, at=unit.now, by=unit.caller.actor, language=unit.caller.language)
    rendered = await unit.update(QUALITY_GATES, before, after, _EVENTS[body.verdict], reason=body.comment)
    await corrective_actions.raise_actions(unit, project, [_wanted(one, id) for one in conditions])
    return rendered


async def waive_gate(unit: UnitOfWork, id: UUID, *, if_match: object, reason: str) -> Rendered:
    """Let the project go on without a quality gate.

    Raises:
        InvalidTransition: It has passed, or was waived before.
    """
    before = await unit.load(QUALITY_GATES, id, if_match=if_match)
    return await unit.update(QUALITY_GATES, before, before.waived(), QualityGateWaived, reason=reason)


async def find_holding(unit: UnitOfWork, project_id: UUID) -> list[str]:
    """Names of the first mandatory gates that have not passed, at most five; the caller has locked the project."""
    return await repository.find_holding(unit.connection, project_id)


async def hold(unit: UnitOfWork, project_id: UUID) -> bool:
    """Whether gates, or conditions under which they were passed, keep a project from being completed."""
    if await find_holding(unit, project_id):
        return True
    return await corrective_actions.count_conditions(unit, project_id) > 0


async def _check_delivery(unit: UnitOfWork, id: UUID | None, project_id: UUID) -> None:
    """Deliveries are locked before their project, by whoever locks both."""
    if id is None:
        return
    delivery = await deliveries.expect_for(unit, id)
    if delivery.project_id != project_id:
        raise DeliveryOfAnotherProject(delivery_id=id)


def _items(checklist: Checklist) -> tuple[CheckItem, ...]:
    return tuple(
        CheckItem(number=number, text=one.text, mandatory=one.mandatory) for number, one in enumerate(checklist, 1)
    )


def _wanted(condition: GateCondition, gate_id: UUID) -> corrective_actions.Wanted:
    return corrective_actions.Wanted(
        id=condition.action_id,
        title=condition.text,
        owner_id=condition.owner_id,
        due_on=condition.due_on,
        source=corrective_actions.ActionSource.GATE,
        source_id=gate_id,
    )
