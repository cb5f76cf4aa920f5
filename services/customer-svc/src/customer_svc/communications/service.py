"""Use cases of communications."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from crm_contracts.base import ExternalRef
from crm_contracts.customer.v1 import CommunicationKind, CommunicationRecorded, CommunicationUpdated
from crm_contracts.inbound.v1 import OaMeetingHeld
from crm_platform.http.fields import changes_of
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.uow import ANY_VERSION, UnitOfWork
from customer_svc.communications import repository
from customer_svc.communications.domain import Communication
from customer_svc.communications.errors import UnknownCustomer
from customer_svc.communications.models import COMMUNICATION_REFS, COMMUNICATIONS
from customer_svc.communications.schemas import CommunicationCreate, CommunicationUpdate
from customer_svc.customers import service as customers

OA = "oa"


async def record_communication(unit: UnitOfWork, body: CommunicationCreate) -> Rendered:
    """Put a communication on record; it belongs to whoever the customer belongs to unless the body says otherwise.

    Raises:
        UnknownCustomer: There is no such customer, or the caller may not see it.
    """
    communication = Communication(id=new_id(), **dict(body))
    return await _record(unit, communication, inherit=not {"owner_id", "team_id"} & body.model_fields_set)


async def update_communication(unit: UnitOfWork, id: UUID, body: CommunicationUpdate, *, if_match: object) -> Rendered:
    """Correct a record.

    Raises:
        NotFound: No such communication, or not visible.
        PreconditionRequired: No version was given.
        VersionMismatch: The record has changed since.
    """
    before = await unit.load(COMMUNICATIONS, id, if_match=if_match)
    return await unit.update(COMMUNICATIONS, before, before.with_(**changes_of(body)), CommunicationUpdated)


async def find_communication(unit: UnitOfWork, id: UUID) -> Communication | None:
    """A communication, locked; None if there is none or the caller may not see it."""
    return await unit.find(COMMUNICATIONS, id)


async def take_in_meeting(unit: UnitOfWork, meeting: OaMeetingHeld) -> None:
    """Record a meeting from the OA system, or bring its record up to date when it is sent again.

    Raises:
        UnknownCustomer: The OA system names a customer that we do not have.
    """
    ref = ExternalRef(system=OA, external_id=meeting.meeting_id)
    known = await COMMUNICATION_REFS.find_one(unit.connection, ref)
    content = {
        "subject": meeting.subject,
        "content": meeting.minutes,
        "happened_at": meeting.held_at,
        "duration_minutes": meeting.duration_minutes,
        "participants": meeting.participants,
    }
    if known is not None:
        before = await unit.load(COMMUNICATIONS, known, if_match=ANY_VERSION)
        await unit.update(COMMUNICATIONS, before, before.with_(**content), CommunicationUpdated)
        return
    communication = Communication(
        id=new_id(),
        customer_id=meeting.customer_id,
        kind=CommunicationKind.MEETING,
        external_refs=(ref,),
        **content,
    )
    await _record(unit, communication, inherit=True)


async def last_contacts(unit: UnitOfWork, customer_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """When somebody last spoke with customers; those with whom nobody ever did are absent."""
    return await repository.last_contacts(unit.connection, customer_ids, until=unit.now)


async def _record(unit: UnitOfWork, communication: Communication, *, inherit: bool) -> Rendered:
    customer = await customers.find_customer(unit, communication.customer_id)
    if customer is None:
        raise UnknownCustomer(customer_id=communication.customer_id)
    if inherit:
        communication = communication.with_(owner_id=customer.owner_id, team_id=customer.team_id)
    rendered = await unit.insert(COMMUNICATIONS, communication, CommunicationRecorded)
    await COMMUNICATION_REFS.add(unit.connection, [(ref, communication.id) for ref in communication.external_refs])
    return rendered
