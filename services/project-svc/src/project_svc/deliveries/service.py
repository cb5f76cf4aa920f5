"""Use cases of deliveries; endpoints and other slices call the same functions."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from crm_contracts.base import DomainEvent
from crm_contracts.project.v1 import (
    DeliveryCancelled,
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
from project_svc.deliveries.domain import SETTLED, Deliverable, Delivery, HandOver
from project_svc.deliveries.models import DELIVERIES
from project_svc.deliveries.schemas import DeliveryCreate
from project_svc.projects import service as projects

__all__ = [
    "Deliverable",
    "HandOver",
    "cancel_delivery",
    "cancel_open",
    "cancel_unwanted",
    "count_open",
    "lock_open",
    "move_delivery",
    "plan_deliveries",
    "plan_delivery",
    "plan_handed_over",
]

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


async def plan_handed_over(
    unit: UnitOfWork, project: projects.Project, agreed: Deliverable, hand_over: HandOver
) -> Delivery:
    """Add a deliverable that fulfils a requirement to a project, which the caller has locked."""
    delivery = _delivery(project, agreed).with_(requirement_id=hand_over.requirement_id, hand_over=hand_over.number)
    await unit.insert(DELIVERIES, delivery, DeliveryPlanned)
    return delivery


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


async def cancel_delivery(unit: UnitOfWork, id: UUID, *, if_match: object, reason: str) -> Rendered:
    """Give up a deliverable that is not accepted.

    Raises:
        ProjectEnded: The project is over, and so its deliverables are settled.
        InvalidTransition: It is accepted or cancelled already.
    """
    before = await unit.load(DELIVERIES, id, if_match=if_match)
    await projects.expect_open(unit, before.project_id)
    return await unit.update(DELIVERIES, before, _cancelled(unit, before, reason), DeliveryCancelled, reason=reason)


async def cancel_unwanted(unit: UnitOfWork, id: UUID, *, reason: str | None) -> None:
    """Give up a deliverable that nobody wants any more; one that is settled, or gone, stays what it is."""
    before = await unit.find(DELIVERIES, id)
    if before is not None and before.status not in SETTLED:
        await unit.update(DELIVERIES, before, _cancelled(unit, before, reason), DeliveryCancelled, reason=reason)


async def lock_open(unit: UnitOfWork, project_id: UUID) -> None:
    """Lock what a project has not delivered, as :func:`move_delivery` does: before the project itself.

    Whoever cancels a project calls this first, so as not to wait for somebody who waits for him.
    """
    await unit.find_many(DELIVERIES, await repository.find_open(unit.connection, project_id))


async def cancel_open(unit: UnitOfWork, project_id: UUID, *, reason: str | None) -> None:
    """Give up all that a project has not delivered; the caller has locked the project."""
    found = await unit.find_many(DELIVERIES, await repository.find_open(unit.connection, project_id))
    changes = [(before, _cancelled(unit, before, reason)) for before in found.values() if before.status not in SETTLED]
    await unit.update_many(DELIVERIES, changes, DeliveryCancelled, reason=reason)


def _cancelled(unit: UnitOfWork, before: Delivery, reason: str | None) -> Delivery:
    return before.move("cancel", at=unit.now, by=unit.caller.actor, reason=reason)


async def count_open(unit: UnitOfWork, project_id: UUID) -> int:
    """How many deliveries of a project are neither accepted nor cancelled."""
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
