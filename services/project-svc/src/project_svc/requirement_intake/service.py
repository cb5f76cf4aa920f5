"""Turns requirements that are handed over into planned deliverables."""

from datetime import timedelta

from crm_contracts.project.v1 import (
    IntakeStatus,
    RefusalReason,
    RequirementIntakePlanned,
    RequirementIntakeRefused,
)
from crm_contracts.requirement.v1 import RequirementSnapshot
from crm_platform.companies import today_of
from crm_platform.ids import new_id
from crm_platform.uow import UnitOfWork
from project_svc.deliveries import service as deliveries
from project_svc.merged_customers import service as merged_customers
from project_svc.projects import service as projects
from project_svc.requirement_intake import repository
from project_svc.requirement_intake.domain import RequirementIntake
from project_svc.requirement_intake.models import REQUIREMENT_INTAKES
from project_svc.requirement_intake.repository import count_since
from project_svc.templates import service as templates

__all__ = ["FOR_REQUIREMENTS", "count_since", "take_in", "withdraw"]

FOR_REQUIREMENTS = templates.TemplateCode.IMPLEMENTATION
"""How long a project is that is opened for a requirement without a date."""


async def take_in(unit: UnitOfWork, requirement: RequirementSnapshot) -> None:
    """Plan a deliverable for a requirement that was handed over, once per hand-over.

    It goes into the project that was asked for; else into the customer's newest project that is not over; else into
    a new one, which waits for approval as every other. Where the project that was asked for cannot take it, the
    answer is a refusal.
    """
    requirement = await merged_customers.mapped(unit.connection, requirement)
    known = await unit.find(REQUIREMENT_INTAKES, requirement.id)
    if known is not None and known.hand_over >= requirement.hand_overs:
        return
    project = await _project_for(unit, requirement)
    if isinstance(project, RefusalReason):
        await _answer(unit, known, _refused(requirement, project))
        return
    agreed = deliveries.Deliverable(
        name=requirement.title,
        acceptance_criteria=requirement.in_scope,
        due_on=requirement.due_on or project.due_on,
    )
    hand_over = deliveries.HandOver(requirement.id, requirement.hand_overs)
    delivery = await deliveries.plan_handed_over(unit, project, agreed, hand_over)
    planned = RequirementIntake(
        id=requirement.id,
        hand_over=requirement.hand_overs,
        status=IntakeStatus.PLANNED,
        project_id=project.id,
        delivery_id=delivery.id,
    )
    await _answer(unit, known, planned)


async def withdraw(unit: UnitOfWork, requirement: RequirementSnapshot) -> None:
    """Give up the deliverable of a requirement that was rejected, unless the customer has accepted it meanwhile."""
    known = await unit.find(REQUIREMENT_INTAKES, requirement.id)
    if known is None or known.delivery_id is None or known.hand_over != requirement.hand_overs:
        return
    await deliveries.cancel_unwanted(unit, known.delivery_id, reason=requirement.status_reason)


async def _project_for(unit: UnitOfWork, requirement: RequirementSnapshot) -> projects.Project | RefusalReason:
    if requirement.project_id is None:
        await repository.lock_customer(unit.connection, requirement.customer_id)
        found = await projects.find_newest_open(unit, requirement.customer_id)
        return found or await _open_project(unit, requirement)
    asked = await projects.find(unit, requirement.project_id)
    if asked is None:
        return RefusalReason.UNKNOWN_PROJECT
    if asked.customer_id != requirement.customer_id:
        return RefusalReason.PROJECT_OF_ANOTHER_CUSTOMER
    return RefusalReason.PROJECT_ENDED if asked.status in projects.ENDED else asked


async def _open_project(unit: UnitOfWork, requirement: RequirementSnapshot) -> projects.Project:
    today = await today_of(unit)
    usual = today + timedelta(days=templates.find(FOR_REQUIREMENTS).duration_days)
    project = projects.Project(
        id=new_id(),
        owner_id=requirement.owner_id,
        team_id=requirement.team_id,
        name=requirement.title,
        customer_id=requirement.customer_id,
        starts_on=today,
        due_on=max(today, requirement.due_on or usual),
    )
    await projects.open_project(unit, project)
    return project


def _refused(requirement: RequirementSnapshot, why: RefusalReason) -> RequirementIntake:
    return RequirementIntake(
        id=requirement.id,
        hand_over=requirement.hand_overs,
        status=IntakeStatus.REFUSED,
        refusal=why,
        project_id=requirement.project_id,
    )


async def _answer(unit: UnitOfWork, known: RequirementIntake | None, answer: RequirementIntake) -> None:
    event = RequirementIntakePlanned if answer.status is IntakeStatus.PLANNED else RequirementIntakeRefused
    if known is None:
        await unit.insert(REQUIREMENT_INTAKES, answer, event)
    else:
        await unit.update(REQUIREMENT_INTAKES, known, answer, event)
