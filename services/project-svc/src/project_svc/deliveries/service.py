"""Use cases of deliveries; endpoints and other slices call the same functions."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from crm_contracts.base import DomainEvent
from crm_contracts.project.v1 import (
    DeliveryCompleted,
    DeliveryPlanned,
    DeliveryRejected,
    DeliveryStarted,
    DeliverySubmitted,
)
from crm_platform.context import Cause
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.uow import UnitOfWork
from project_svc.deliveries import repository
from project_svc.deliveries.domain import Deliverable, Delivery
from project_svc.deliveries.models import DELIVERIES
from project_svc.deliveries.schemas import DeliveryCreate
from project_svc.projects import service as projects

__all__ = ["Deliverable", "count_open", "move_delivery", "plan_deliveries", "plan_delivery"]

_EVENTS: Mapping[str, type[DomainEvent[Any]]] = {
    "start": DeliveryStarted,
    "submit": DeliverySubmitted,
    "accept": DeliveryCompleted,
    "reject": DeliveryRejected,
}
"""What is told of each action of the life cycle."""

ALL_ACCEPTED = "every deliverable is accepted"


async def plan_delivery(unit: UnitOfWork, body: DeliveryCreate) -> Rendered:
    """Add a deliverable to a project.

    Raises:
        UnknownProject: There is none that the caller may see.
        ProjectEnded: It is over.
    """
    project = await projects.expect_open(unit, body.project_id)
    agreed = Deliverable(name=body.name, acceptance_criteria=body.acceptance_criteria, due_on=body.due_on)
    return await unit.insert(DELIVERIES, _delivery(project, agreed), DeliveryPlanned)


async def plan_deliveries(
    unit: UnitOfWork, agreed: Sequence[tuple[projects.Project, Deliverable]], *, causes: Sequence[Cause]
) -> None:
    """Give new projects their deliverables."""
    planned = [_delivery(project, deliverable) for project, deliverable in agreed]
    await unit.insert_many(DELIVERIES, planned, DeliveryPlanned, causes=causes)


async def move_delivery(
    unit: UnitOfWork, id: UUID, action: str, *, if_match: object, reason: str | None = None
) -> Rendered:
    """Take a step: ``start``, ``submit``, ``accept`` or ``reject``.

    The project is locked behind the delivery, so of two last deliveries that are accepted at the same moment
    the later one sees the earlier, and completes the project.

    Raises:
        ProjectNotActive: The project waits, rests or is over.
        InvalidTransition: Not possible in the present state.
    """
    before = await unit.load(DELIVERIES, id, if_match=if_match)
    project = await projects.expect_active(unit, before.project_id)
    after = before.move(action, at=unit.now, by=unit.caller.actor, reason=reason)
    rendered = await unit.update(DELIVERIES, before, after, _EVENTS[action], reason=reason)
    if action == "accept" and not await count_open(unit, project.id):
        completed = project.move("complete", at=unit.now, by=unit.caller.actor)
        await projects.record_move(unit, project, completed, "complete", reason=ALL_ACCEPTED)
    return rendered


async def count_open(unit: UnitOfWork, project_id: UUID) -> int:
    """How many deliveries of a project are not accepted yet."""
    return await repository.count_open(unit.connection, project_id)


def _delivery(project: projects.Project, agreed: Deliverable) -> Delivery:
    """A delivery of ``project``, seen by whom the project is seen."""
    return Delivery(
        id=new_id(),
        owner_id=project.owner_id,
        team_id=project.team_id,
        project_id=project.id,
        customer_id=project.customer_id,
        name=agreed.name,
        acceptance_criteria=agreed.acceptance_criteria,
        due_on=agreed.due_on,
    )
