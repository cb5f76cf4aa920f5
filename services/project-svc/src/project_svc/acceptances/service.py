"""Use cases of acceptance; endpoints, links and the sweep call the same functions."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from crm_contracts.base import DomainEvent
from crm_contracts.delivery.v1 import DecisionChannel, Verdict
from crm_contracts.project.v1 import (
    DeliveryCompleted,
    DeliveryConditionallyAccepted,
    DeliveryPointSettled,
    DeliveryRejected,
    DeliveryStatus,
    ProjectStatus,
)
from crm_platform.companies import today_of
from crm_platform.reads import Rendered
from crm_platform.uow import ANY_VERSION, UnitOfWork
from project_svc.acceptance.decision import Decision, Finding, PointLeft
from project_svc.acceptances.schemas import FindingsGiven, OpenPointsGiven
from project_svc.deliveries import service as deliveries
from project_svc.delivery_schedules import service as delivery_schedules
from project_svc.known_contacts import service as known_contacts
from project_svc.projects import service as projects
from project_svc.quality_gates import service as quality_gates

__all__ = [
    "Decision",
    "FindingsGiven",
    "OpenPointsGiven",
    "accept_undecided",
    "decide",
    "decision_of",
    "findings_of",
    "points_of",
    "settle_point",
]

_EVENTS: Mapping[DeliveryStatus, type[DomainEvent[Any]]] = {
    DeliveryStatus.ACCEPTED: DeliveryCompleted,
    DeliveryStatus.CONDITIONALLY_ACCEPTED: DeliveryConditionallyAccepted,
    DeliveryStatus.REJECTED: DeliveryRejected,
}
"""What is told of the state that a decision leads to."""

ALL_ACCEPTED = "every deliverable is accepted"
ALL_PARTS_ACCEPTED = "every part is accepted"
NOBODY_DECIDED = "nobody decided in the agreed time"


def decision_of(
    unit: UnitOfWork,
    verdict: Verdict,
    *,
    criteria: FindingsGiven,
    contact_id: UUID | None,
    comment: str | None,
    open_points: OpenPointsGiven = (),
) -> Decision:
    """What a signed-in caller says that the customer decided."""
    return Decision(
        verdict=verdict,
        channel=DecisionChannel.STAFF if unit.caller.kind == "user" else DecisionChannel.PARTNER,
        comment=comment,
        findings=findings_of(criteria),
        open_points=points_of(open_points),
        contact_id=contact_id,
    )


def findings_of(given: FindingsGiven) -> tuple[Finding, ...]:
    """What was found, as the rules take it."""
    return tuple(Finding(one.criterion_id, one.verdict, one.comment) for one in given)


def points_of(given: OpenPointsGiven) -> tuple[PointLeft, ...]:
    """What is left open, as the rules take it."""
    return tuple(PointLeft(one.description, one.due_on) for one in given)


async def decide(unit: UnitOfWork, id: UUID, decision: Decision, *, if_match: object) -> Rendered:
    """Let the customer's decision about the version that lies before them count.

    The project is locked behind the delivery, so of two last deliveries that are accepted at the same moment the
    later one sees the earlier, and completes the project.

    Raises:
        ProjectNotActive: The project waits, rests or is over.
        UnknownContact: Nobody knows who decided.
        ContactNotAtCustomer: They cannot decide for this customer.
        InvalidTransition: It does not lie before the customer.
        UnknownCriterion: A finding is about none of its criteria.
        CriteriaNotMet: It cannot be accepted as a whole.
    """
    locked = await deliveries.lock(unit, id, if_match=if_match)
    before = locked.delivery
    project = await projects.expect_active(unit, before.project_id)
    today = await today_of(unit)
    if decision.contact_id is not None:
        await known_contacts.expect_speaker(
            unit.connection, decision.contact_id, customer_id=before.customer_id, on=today
        )
    after = before.decide(decision, at=unit.now, on=today, by=unit.cause.actor)
    rendered = await deliveries.record(unit, before, after, _EVENTS[after.status], reason=decision.comment)
    if after.status is DeliveryStatus.ACCEPTED:
        await _complete(unit, project, locked.whole)
    return rendered


async def settle_point(unit: UnitOfWork, id: UUID, point_id: int, *, if_match: object, note: str | None) -> Rendered:
    """Record that an open point is done; with the last one the delivery is accepted.

    Raises:
        ProjectNotActive: The project waits, rests or is over.
        InvalidTransition: It is not accepted conditionally.
        UnknownOpenPoint: It has no such point that is open.
    """
    locked = await deliveries.lock(unit, id, if_match=if_match)
    project = await projects.expect_active(unit, locked.delivery.project_id)
    today = await today_of(unit)
    after = locked.delivery.settle(point_id, at=unit.now, on=today, by=unit.cause.actor, note=note)
    is_accepted = after.status is DeliveryStatus.ACCEPTED
    event = DeliveryCompleted if is_accepted else DeliveryPointSettled
    rendered = await deliveries.record(unit, locked.delivery, after, event, reason=note)
    if is_accepted:
        await _complete(unit, project, locked.whole)
    return rendered


async def accept_undecided(unit: UnitOfWork, *, today: date, after: UUID, limit: int) -> tuple[int, UUID | None]:
    """Accept what nobody has decided about in the agreed time.

    Returns how many were accepted, and the id behind which to go on; None where nothing is left. What belongs to a
    project that rests waits until it goes on.
    """
    ids = await deliveries.undecided(unit.connection, today, after=after, limit=limit)
    accepted = 0
    for id in ids:
        accepted += await _accept_undecided(unit, id, today)
    return accepted, ids[-1] if len(ids) == limit else None


async def _accept_undecided(unit: UnitOfWork, id: UUID, today: date) -> bool:
    delivery = await deliveries.expect(unit, id)
    project = await projects.find(unit, delivery.project_id)
    if not delivery.is_deemed(today) or project is None or project.status is not ProjectStatus.ACTIVE:
        return False
    decision = Decision(verdict=Verdict.ACCEPTED, channel=DecisionChannel.DEEMED, comment=NOBODY_DECIDED)
    await decide(unit, id, decision, if_match=ANY_VERSION)
    return True


async def _complete(unit: UnitOfWork, project: projects.Project, whole: deliveries.Delivery | None) -> None:
    """Complete what the acceptance of a delivery completes: the whole of which it is a part, and the project."""
    actor = unit.cause.actor
    if whole is not None:
        parts = await deliveries.parts_of(unit.connection, whole.id)
        if whole.status not in deliveries.SETTLED and deliveries.SETTLED.issuperset(parts.values()):
            done = whole.completed_by_parts(at=unit.now, on=await today_of(unit), by=actor)
            await deliveries.record(unit, whole, done, DeliveryCompleted, reason=ALL_PARTS_ACCEPTED)
    to_come = await deliveries.count_open(unit, project.id) or await delivery_schedules.count_active(unit, project.id)
    if not to_come and not await quality_gates.hold(unit, project.id):
        completed = project.move("complete", at=unit.now, by=actor)
        await projects.record_move(unit, project, completed, "complete", reason=ALL_ACCEPTED)
