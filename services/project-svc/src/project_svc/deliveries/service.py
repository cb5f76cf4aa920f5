"""Use cases of deliveries; endpoints and other slices call the same functions."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, NamedTuple
from uuid import UUID

from crm_contracts.base import DomainEvent
from crm_contracts.delivery.v1 import Evidence, EvidenceKind
from crm_contracts.document.v1 import RecordKind
from crm_contracts.project.v1 import (
    DeliveryCancelled,
    DeliveryPlanned,
    DeliveryStarted,
    DeliverySubmitted,
    DeliveryUpdated,
)
from crm_platform.companies import today_of
from crm_platform.context import Caller, Cause
from crm_platform.http.fields import changes_of
from crm_platform.ids import new_id
from crm_platform.objects.store import Objects
from crm_platform.reads import Rendered
from crm_platform.reads.field_access import levels_of, unseen_members
from crm_platform.uow import ANY_VERSION, UnitOfWork
from project_svc.acceptance.deadlines import check_country
from project_svc.acceptance.versions import Submission
from project_svc.deliveries import repository
from project_svc.deliveries.domain import SETTLED, TAKES_PARTS, Deliverable, Delivery, HandOver
from project_svc.deliveries.errors import DeliveryHasParts, UnknownDelivery, UnknownPart
from project_svc.deliveries.models import DELIVERIES
from project_svc.deliveries.repository import count_late, next_due
from project_svc.deliveries.schemas import (
    CriterionTexts,
    DeliveryCreate,
    DeliveryRead,
    DeliveryUpdate,
    EvidenceGiven,
    SubmissionGiven,
)
from project_svc.documents import service as documents
from project_svc.projects import service as projects

__all__ = [
    "SETTLED",
    "CriterionTexts",
    "Deliverable",
    "Delivery",
    "DeliveryCreate",
    "DeliveryRead",
    "HandOver",
    "Locked",
    "add_document",
    "cancel_delivery",
    "cancel_open",
    "cancel_unwanted",
    "count_late",
    "count_open",
    "expect",
    "expect_for",
    "expect_no_evidence",
    "lock",
    "lock_open",
    "look_at",
    "next_due",
    "of_project",
    "parts_of",
    "plan_deliveries",
    "plan_delivery",
    "plan_handed_over",
    "record",
    "sees_names",
    "start_delivery",
    "submit_delivery",
    "undecided",
    "update_delivery",
]

look_at = repository.look_at
undecided = repository.undecided
parts_of = repository.parts_of
of_project = repository.of_project


def sees_names(caller: Caller) -> bool:
    """Whether somebody may see what deliveries are called."""
    hidden = levels_of("name", unseen_members(caller, DELIVERIES.resource))
    return caller.may("deliveries:read") and not hidden


async def plan_delivery(unit: UnitOfWork, body: DeliveryCreate) -> Rendered:
    """Add a deliverable to a project.

    Raises:
        UnknownProject: There is none that the caller may see.
        ProjectEnded: It is over.
        UnknownPart: What it is to be a part of is no such delivery.
        UnknownCountry: Nobody knows the working days in which to decide.
    """
    check_country(body.deemed_acceptance)
    whole = None if body.part_of is None else await unit.find(DELIVERIES, body.part_of)
    project = await projects.expect_open(unit, body.project_id)
    if body.part_of is not None and (
        whole is None or whole.project_id != project.id or whole.part_of or whole.status not in TAKES_PARTS
    ):
        raise UnknownPart(part_of=body.part_of)
    agreed = Deliverable(**{name: getattr(body, name) for name in DeliveryCreate.model_fields if name != "project_id"})
    return await unit.insert(DELIVERIES, _delivery(project, agreed), DeliveryPlanned)


async def plan_handed_over(
    unit: UnitOfWork, project: projects.Project, agreed: Deliverable, hand_over: HandOver
) -> Delivery:
    """Add a deliverable that fulfils a requirement to a project, which the caller has locked."""
    delivery = _delivery(project, agreed).with_(requirement_id=hand_over.requirement_id, hand_over=hand_over.number)
    await unit.insert(DELIVERIES, delivery, DeliveryPlanned)
    return delivery


async def plan_deliveries(
    unit: UnitOfWork, agreed: Sequence[tuple[projects.Project, Deliverable]], *, causes: Sequence[Cause] | None = None
) -> None:
    """Give projects, new or locked, their deliverables."""
    planned = [_delivery(project, deliverable) for project, deliverable in agreed]
    await unit.insert_many(DELIVERIES, planned, DeliveryPlanned, causes=causes)


async def expect(unit: UnitOfWork, id: UUID) -> Delivery:
    """The delivery, locked.

    Raises:
        NotFound: There is none that the caller may see.
    """
    return await unit.load(DELIVERIES, id, if_match=ANY_VERSION)


async def expect_for(unit: UnitOfWork, id: UUID) -> Delivery:
    """The delivery, locked, for somebody who wants to add something to it.

    Raises:
        UnknownDelivery: There is none that the caller may see.
    """
    delivery = await unit.find(DELIVERIES, id)
    if delivery is None:
        raise UnknownDelivery(delivery_id=id)
    return delivery


async def update_delivery(unit: UnitOfWork, id: UUID, body: DeliveryUpdate, *, if_match: object) -> Rendered:
    """Change what is agreed.

    Raises:
        ProjectEnded: The project is over.
        DeliveryNotEditable: It lies before the customer, or is settled.
        UnknownCountry: Nobody knows the working days in which to decide.
    """
    check_country(body.deemed_acceptance)
    before = await unit.load(DELIVERIES, id, if_match=if_match)
    await projects.expect_open(unit, before.project_id)
    return await unit.update(DELIVERIES, before, before.amended(changes_of(body)), DeliveryUpdated)


async def start_delivery(unit: UnitOfWork, id: UUID, *, if_match: object, reason: str | None) -> Rendered:
    """Begin the work.

    Raises:
        ProjectNotActive: The project waits, rests or is over.
        InvalidTransition: It has begun already.
    """
    before = await unit.load(DELIVERIES, id, if_match=if_match)
    await projects.expect_active(unit, before.project_id)
    after = before.move("start")
    return await unit.update(DELIVERIES, before, after, DeliveryStarted, reason=reason)


async def submit_delivery(unit: UnitOfWork, id: UUID, body: SubmissionGiven, *, if_match: object) -> Rendered:
    """Hand a version to the customer.

    Raises:
        UnknownDocument: The evidence names a document that the delivery does not have.
        ProjectNotActive: The project waits, rests or is over.
        DeliveryHasParts: Its parts are submitted instead.
        InvalidTransition: Not possible in the present state.
    """
    before = await unit.load(DELIVERIES, id, if_match=if_match)
    await projects.expect_active(unit, before.project_id)
    if parts := await repository.parts_of(unit.connection, id):
        raise DeliveryHasParts(count=len(parts))
    what = Submission(notes=body.notes, evidence=await _evidence(unit, id, body.evidence))
    after = before.submit(what, at=unit.now, on=await today_of(unit), by=unit.cause.actor)
    return await unit.update(DELIVERIES, before, after, DeliverySubmitted, reason=body.reason)


async def _evidence(unit: UnitOfWork, id: UUID, given: Sequence[EvidenceGiven]) -> tuple[Evidence, ...]:
    ids = [one.document_id for one in given if one.document_id is not None]
    files = await documents.evidence(unit, id, ids)
    return tuple(
        Evidence(kind=EvidenceKind.LINK, name=one.name or one.url or "", url=one.url)
        if one.document_id is None
        else files[one.document_id].model_copy(update={"name": one.name} if one.name else {})
        for one in given
    )


async def add_document(
    unit: UnitOfWork,
    objects: Objects,
    id: UUID,
    content: bytes,
    *,
    name: str,
    declared: str,
    replaces: UUID | None = None,
) -> Rendered:
    """Keep a file that belongs to a delivery.

    Raises:
        NotFound: There is no such delivery that the caller may see.
        ProjectEnded: The project is over.
        EmptyDocument: The file has no content.
        UnsafeDocument: It is not what is declared, or nothing that is handed out.
    """
    delivery = await expect(unit, id)
    await projects.expect_open(unit, delivery.project_id)
    document = documents.begin(
        owner_id=delivery.owner_id,
        team_id=delivery.team_id,
        project_id=delivery.project_id,
        customer_id=delivery.customer_id,
        kind=RecordKind.DELIVERY,
        record_id=id,
        name=name,
    )
    return await documents.add(unit, objects, document, content, declared=declared, replaces=replaces)


async def expect_no_evidence(unit: UnitOfWork, id: UUID, document_id: UUID) -> None:
    """Lock a delivery, and refuse to remove what is evidence of a version of it.

    Raises:
        NotFound: There is none that the caller may see.
        DocumentIsEvidence: It was handed to the customer.
    """
    delivery = await expect(unit, id)
    if any(one.document_id == document_id for version in delivery.versions for one in version.evidence):
        raise documents.DocumentIsEvidence


async def cancel_delivery(unit: UnitOfWork, id: UUID, *, if_match: object, reason: str) -> Rendered:
    """Give up a deliverable that is not accepted, with its parts.

    Raises:
        ProjectEnded: The project is over, and so its deliverables are settled.
        InvalidTransition: It is accepted or cancelled already.
    """
    before = await unit.load(DELIVERIES, id, if_match=if_match)
    parts = await _open_parts(unit, id)
    await projects.expect_open(unit, before.project_id)
    rendered = await unit.update(
        DELIVERIES, before, before.move("cancel", reason=reason), DeliveryCancelled, reason=reason
    )
    await _cancel_all(unit, parts, reason)
    return rendered


async def cancel_unwanted(unit: UnitOfWork, id: UUID, *, reason: str | None) -> None:
    """Give up a deliverable that nobody wants any more; one that is settled, or gone, stays what it is."""
    before = await unit.find(DELIVERIES, id)
    if before is not None and before.status not in SETTLED:
        await _cancel_all(unit, [before, *await _open_parts(unit, id)], reason)


async def lock_open(unit: UnitOfWork, project_id: UUID) -> None:
    """Lock what a project has not delivered, as every step of a delivery does: before the project itself.

    Whoever cancels a project calls this first, so as not to wait for somebody who waits for him.
    """
    await unit.find_many(DELIVERIES, await repository.find_open(unit.connection, project_id))


async def cancel_open(unit: UnitOfWork, project_id: UUID, *, reason: str | None) -> None:
    """Give up all that a project has not delivered; the caller has locked the project."""
    found = await unit.find_many(DELIVERIES, await repository.find_open(unit.connection, project_id))
    await _cancel_all(unit, list(found.values()), reason)


async def count_open(unit: UnitOfWork, project_id: UUID) -> int:
    """How many deliveries of a project are neither accepted nor cancelled."""
    return await repository.count_open(unit.connection, project_id)


class Locked(NamedTuple):
    """A delivery, locked, and the whole of which it is a part, locked before it."""

    delivery: Delivery
    whole: Delivery | None


async def lock(unit: UnitOfWork, id: UUID, *, if_match: object) -> Locked:
    """Lock a delivery whose step can settle the whole of which it is a part; raises what `UnitOfWork.load` raises."""
    whole_id = await repository.whole_of(unit.connection, id)
    whole = None if whole_id is None else await unit.find(DELIVERIES, whole_id)
    return Locked(await unit.load(DELIVERIES, id, if_match=if_match), whole)


async def record(
    unit: UnitOfWork, before: Delivery, after: Delivery, event: type[DomainEvent[Any]], *, reason: str | None
) -> Rendered:
    """Write what a step made of a delivery."""
    return await unit.update(DELIVERIES, before, after, event, reason=reason)


async def _open_parts(unit: UnitOfWork, whole_id: UUID) -> list[Delivery]:
    found = await unit.find_many(DELIVERIES, await repository.parts_of(unit.connection, whole_id))
    return list(found.values())


async def _cancel_all(unit: UnitOfWork, found: Sequence[Delivery], reason: str | None) -> None:
    changes = [(before, before.move("cancel", reason=reason)) for before in found if before.status not in SETTLED]
    await unit.update_many(DELIVERIES, changes, DeliveryCancelled, reason=reason)


def _delivery(project: projects.Project, agreed: Deliverable) -> Delivery:
    """A delivery of ``project``, seen by whom the project is seen."""
    return Delivery(
        id=new_id(),
        owner_id=project.owner_id,
        team_id=project.team_id,
        project_id=project.id,
        customer_id=project.customer_id,
        **asdict(agreed) | {"deemed_acceptance": agreed.deemed_acceptance},
    )
