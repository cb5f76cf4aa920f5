"""Use cases of requirements; endpoints and consumers call the same functions."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import structlog

from crm_contracts.base import DomainEvent
from crm_contracts.project.v1 import DeliverySnapshot, RequirementIntakeSnapshot
from crm_contracts.requirement.v1 import (
    RequirementAnalysed,
    RequirementCollected,
    RequirementConfirmed,
    RequirementDelivered,
    RequirementHandedOver,
    RequirementPlanned,
    RequirementRejected,
    RequirementReopened,
    RequirementReturned,
    RequirementUpdated,
)
from crm_platform.companies import today_of
from crm_platform.http.fields import changes_of
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.uow import UnitOfWork
from customer_svc.communications import service as communications
from customer_svc.customers import service as customers
from customer_svc.requirements.domain import Move, Requirement
from customer_svc.requirements.errors import SourceMissing, UnknownCustomer
from customer_svc.requirements.models import REQUIREMENT_NUMBERS, REQUIREMENTS
from customer_svc.requirements.schemas import RequirementCreate, RequirementUpdate

AGGREGATE = REQUIREMENTS
"""For what re-points them when customers are merged."""

_log = structlog.get_logger(__name__)

_EVENTS: Mapping[str, type[DomainEvent[Any]]] = {
    "analyse": RequirementAnalysed,
    "confirm": RequirementConfirmed,
    "plan": RequirementPlanned,
    "deliver": RequirementDelivered,
    "return": RequirementReturned,
    "reject": RequirementRejected,
    "reopen": RequirementReopened,
}
"""What is told of each action of the life cycle."""


async def collect_requirement(unit: UnitOfWork, body: RequirementCreate) -> Rendered:
    """Put a requirement on record; it belongs to whoever the customer belongs to unless the body says otherwise.

    Raises:
        UnknownCustomer: There is no such customer, or the caller may not see it.
        SourceMissing: There is no such communication with the customer.
    """
    customer = await customers.find_customer(unit, body.customer_id)
    if customer is None:
        raise UnknownCustomer(customer_id=body.customer_id)
    await _check_source(unit, customer.id, body.communication_id)
    (number,) = await REQUIREMENT_NUMBERS.take(unit.connection, [(await today_of(unit)).year])
    requirement = Requirement(id=new_id(), number=number, **dict(body) | {"customer_id": customer.id})
    if not {"owner_id", "team_id"} & body.model_fields_set:
        requirement = requirement.with_(owner_id=customer.owner_id, team_id=customer.team_id)
    return await unit.insert(REQUIREMENTS, requirement, RequirementCollected)


async def update_requirement(unit: UnitOfWork, id: UUID, body: RequirementUpdate, *, if_match: object) -> Rendered:
    """Change the content of a requirement.

    Raises:
        NotFound: No such requirement, or not visible.
        PreconditionRequired: No version was given.
        VersionMismatch: The requirement has changed since.
        RequirementFixed: It is agreed with the customer, or settled.
        SourceMissing: There is no such communication with the customer.
    """
    before = await unit.load(REQUIREMENTS, id, if_match=if_match)
    after = before.changed(changes_of(body))
    if after.communication_id != before.communication_id:
        await _check_source(unit, before.customer_id, after.communication_id)
    return await unit.update(REQUIREMENTS, before, after, RequirementUpdated)


async def move_requirement(
    unit: UnitOfWork, id: UUID, action: str, *, if_match: object, reason: str | None
) -> Rendered:
    """Take a step of the life cycle: ``analyse``, ``confirm``, ``reject`` or ``reopen``.

    Raises:
        InvalidTransition: Not possible in the present state.
    """
    before = await unit.load(REQUIREMENTS, id, if_match=if_match)
    after = before.move(action, reason=reason)
    return await unit.update(REQUIREMENTS, before, after, _EVENTS[action], reason=reason)


async def hand_over(unit: UnitOfWork, id: UUID, project_id: UUID | None, *, if_match: object) -> Rendered:
    """Ask project delivery to plan a confirmed requirement; the answer arrives as events.

    Raises:
        NotConfirmed: Customer and we do not agree on it, or it is settled.
        HandOverUnderWay: It is with project delivery already.
    """
    before = await unit.load(REQUIREMENTS, id, if_match=if_match)
    return await unit.update(REQUIREMENTS, before, before.handed_over(project_id, unit.now), RequirementHandedOver)


async def follow_delivery(unit: UnitOfWork, delivery: DeliverySnapshot) -> None:
    """Bring the requirement that a deliverable fulfils into step with it."""
    if delivery.requirement_id is not None:
        await _follow(unit, delivery.requirement_id, lambda requirement: requirement.followed(delivery))


async def take_refusal(unit: UnitOfWork, answer: RequirementIntakeSnapshot) -> None:
    """Take a requirement back that project delivery cannot plan where it was asked to."""
    reason = "refused" if answer.refusal is None else answer.refusal.value
    await _follow(unit, answer.id, lambda requirement: requirement.refused(answer.hand_over, reason))


async def _follow(unit: UnitOfWork, id: UUID, decide: Callable[[Requirement], Move | None]) -> None:
    before = await unit.find(REQUIREMENTS, id)
    move = None if before is None else decide(before)
    if before is None or move is None:
        _log.info("requirement_goes_its_own_way", requirement_id=str(id), known=before is not None)
        return
    await unit.update(REQUIREMENTS, before, move.after, _EVENTS[move.action], reason=move.reason)


async def _check_source(unit: UnitOfWork, customer_id: UUID, communication_id: UUID | None) -> None:
    if communication_id is None:
        return
    source = await communications.find_communication(unit, communication_id)
    if source is None or source.customer_id != customer_id:
        raise SourceMissing(communication_id=communication_id)
