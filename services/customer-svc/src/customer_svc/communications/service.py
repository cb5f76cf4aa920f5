"""Use cases of communications; endpoints, consumers and timers call the same functions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from crm_contracts.base import DomainEvent, ExternalRef
from crm_contracts.communication.v1 import (
    CommunicationFollowUpDone,
    CommunicationFollowUpDropped,
    CommunicationFollowUpDue,
    CommunicationFollowUpPlanned,
    CommunicationKind,
    CommunicationRecorded,
    CommunicationUpdated,
)
from crm_contracts.inbound.v1 import OaCommunicationRecorded, OaMeetingHeld
from crm_platform.db import Connection
from crm_platform.http.fields import changes_of
from crm_platform.ids import new_id
from crm_platform.operations.kinds import Done, OperationKind, Step
from crm_platform.operations.timers import Timer, drop_timers, set_timers
from crm_platform.reads import Rendered
from crm_platform.sealing.past_events import seal_past_events
from crm_platform.sealing.subjects import find_keys, is_erased
from crm_platform.uow import ANY_VERSION, UnitOfWork
from crm_platform.words import Words
from customer_svc.communication_rules import service as communication_rules
from customer_svc.communications import repository
from customer_svc.communications.domain import Communication
from customer_svc.communications.errors import CustomerNotNamed, UnknownCustomer
from customer_svc.communications.models import COMMUNICATION_REFS, COMMUNICATIONS, contents
from customer_svc.communications.schemas import CommunicationCreate, CommunicationUpdate, FollowUpPlan
from customer_svc.customers import service as customers

AGGREGATE = COMMUNICATIONS
"""For what re-points them when customers are merged, and shows what they say."""

CONTENTS = contents()
"""What they say, for those who show it."""

OA = "oa"

SETTLED_AT_ONCE = 200
"""Communications that are sealed, or opened, by one step of an operation."""


class Reminded(BaseModel):
    """Which communication somebody has to be reminded of."""

    communication_id: UUID


async def _run_reminder(step: Step[Reminded]) -> Done:
    await remind(step.unit, step.input.communication_id)
    return Done()


REMINDER = OperationKind(
    name="communications.remind",
    title=Words("Reminder of a follow-up", "跟进提醒"),
    input=Reminded,
    step=_run_reminder,
    as_system=True,
)

_SETTLED: dict[str, type[DomainEvent[Any]]] = {
    "complete": CommunicationFollowUpDone,
    "drop": CommunicationFollowUpDropped,
}


_TOLD = (
    *("kind", "channel", "direction", "subject", "content", "happened_at", "duration_minutes"),
    *("participants", "participant_user_ids", "outcome"),
)
"""Members that a message of the OA system has under the same name."""


async def record_communication(unit: UnitOfWork, body: CommunicationCreate) -> Rendered:
    """Put a communication on record; it belongs to whoever the customer belongs to unless the body says otherwise.

    Raises:
        UnknownCustomer: There is no such customer, or the caller may not see it.
        ChannelDoesNotFit: Its kind does not go by its channel.
        FollowUpTooEarly: What comes next would come before.
    """
    communication = Communication(id=new_id(), **(dict(body) | {"follow_up": None}))
    inherit = not {"owner_id", "team_id"} & body.model_fields_set
    return await _record(unit, communication, inherit=inherit, plan=body.follow_up)


async def update_communication(unit: UnitOfWork, id: UUID, body: CommunicationUpdate, *, if_match: object) -> Rendered:
    """Correct a record.

    Raises:
        NotFound: No such communication, or not visible.
        PreconditionRequired: No version was given.
        VersionMismatch: The record has changed since.
        ChannelDoesNotFit: Its kind does not go by its channel.
        FollowUpTooEarly: It took place after what comes next.
    """
    before = await unit.load(COMMUNICATIONS, id, if_match=if_match)
    after = await _as_ruled(unit, before, before.with_(**changes_of(body)).checked())
    return await unit.update(COMMUNICATIONS, before, after, CommunicationUpdated)


async def plan_follow_up(unit: UnitOfWork, id: UUID, plan: FollowUpPlan, *, if_match: object) -> Rendered:
    """Agree on what comes next, in place of what was agreed before.

    Raises:
        FollowUpTooEarly: It would be due before the communication took place.
    """
    before = await unit.load(COMMUNICATIONS, id, if_match=if_match)
    after = _planned(before, plan)
    rendered = await unit.update(COMMUNICATIONS, before, after, CommunicationFollowUpPlanned)
    await _remind(unit, after)
    return rendered


async def settle_follow_up(
    unit: UnitOfWork, id: UUID, action: str, *, if_match: object, reason: str | None
) -> Rendered:
    """Have a follow-up done (``complete``) or not done (``drop``).

    Raises:
        NoFollowUp: None is planned.
        InvalidTransition: It is settled already.
    """
    before = await unit.load(COMMUNICATIONS, id, if_match=if_match)
    after = before.settled(action, unit.now, unit.cause.actor)
    rendered = await unit.update(COMMUNICATIONS, before, after, _SETTLED[action], reason=reason)
    await drop_timers(unit, REMINDER, [str(id)])
    return rendered


async def remind(unit: UnitOfWork, id: UUID) -> None:
    """Tell that a follow-up is due, if it still is to be done and nobody was told."""
    before = await unit.find(COMMUNICATIONS, id)
    after = None if before is None else before.reminded(unit.now)
    if before is not None and after is not None:
        await unit.update(COMMUNICATIONS, before, after, CommunicationFollowUpDue)


async def find_communication(unit: UnitOfWork, id: UUID) -> Communication | None:
    """A communication, locked; None if there is none or the caller may not see it."""
    return await unit.find(COMMUNICATIONS, id)


async def take_in_meeting(unit: UnitOfWork, meeting: OaMeetingHeld) -> None:
    """Record a meeting from the OA system, or bring its record up to date when it is sent again.

    Raises:
        UnknownCustomer: The OA system names a customer that we do not have.
    """
    told = {
        "kind": CommunicationKind.MEETING,
        "subject": meeting.subject,
        "content": meeting.minutes,
        "happened_at": meeting.held_at,
        "duration_minutes": meeting.duration_minutes,
        "participants": meeting.participants,
    }
    await _take_in(unit, meeting.meeting_id, meeting.customer_id, told, plan=None)


async def take_in_communication(unit: UnitOfWork, message: OaCommunicationRecorded) -> None:
    """Record a communication from the OA system, or bring its record up to date when it is sent again.

    Raises:
        CustomerNotNamed: The OA system names no customer that we have.
        ChannelDoesNotFit: Its kind does not go by its channel.
        FollowUpTooEarly: What comes next would come before.
    """
    told = {name: getattr(message, name) for name in _TOLD}
    customer_id = await _customer_of(unit, message)
    follow_up = message.follow_up
    plan = None if follow_up is None else FollowUpPlan.model_validate(follow_up.model_dump())
    await _take_in(unit, message.communication_id, customer_id, told, plan=plan)


async def _customer_of(unit: UnitOfWork, message: OaCommunicationRecorded) -> UUID:
    if message.customer_id is not None:
        return message.customer_id
    customer = None if message.customer_ref is None else await customers.find_by_ref(unit, message.customer_ref)
    if customer is None:
        raise CustomerNotNamed(system=message.customer_ref.system if message.customer_ref else OA)
    return customer.id


async def _take_in(
    unit: UnitOfWork, external_id: str, customer_id: UUID, told: dict[str, Any], *, plan: FollowUpPlan | None
) -> None:
    ref = ExternalRef(system=OA, external_id=external_id)
    known = await COMMUNICATION_REFS.find_one(unit.connection, ref)
    if await is_erased(unit.connection, customer_id):
        return
    if known is None:
        communication = Communication(id=new_id(), customer_id=customer_id, external_refs=(ref,), **told)
        await _record(unit, communication, inherit=True, plan=plan)
        return
    before = await unit.load(COMMUNICATIONS, known, if_match=ANY_VERSION)
    after = await _as_ruled(unit, before, before.with_(**told).checked())
    if plan is not None and not _says(before, plan):
        after = _planned(after, plan)
    await unit.update(COMMUNICATIONS, before, after, CommunicationUpdated)
    if after.follow_up != before.follow_up:
        await _remind(unit, after)


async def settle_portion(unit: UnitOfWork, after: UUID) -> tuple[UUID | None, int]:
    """Seal, or open, the contents of the next communications that are not as the rules of this moment say.

    What their past events told in the clear is sealed with them, as far as this service could tell it again.

    Returns:
        From where to go on (None at the end), and how many were changed.
    """
    kinds = await communication_rules.kinds_to_seal(unit.connection)
    ids = await repository.unsettled(unit.connection, kinds, after=after, limit=SETTLED_AT_ONCE)
    found = await unit.find_many(COMMUNICATIONS, ids)
    # Asked again under the locks of the records: whoever erases a customer has to wait for them.
    keys = await find_keys(unit.connection, {one.customer_id for one in found.values()})
    erased = {id for id, key in keys.items() if key.destroyed_at is not None}
    alive = [one for one in found.values() if one.customer_id not in erased]
    changes = [(one, one.with_(contents_sealed=one.kind in kinds)) for one in alive]
    changed = await unit.update_many(COMMUNICATIONS, changes, CommunicationUpdated, reason="as the rules say")
    sealed = [one.id for one in changed if one.contents_sealed]
    await seal_past_events(
        unit.connection, CONTENTS, unit.caller.tenant_id, aggregate_type=COMMUNICATIONS.name, ids=sealed
    )
    return (ids[-1] if len(ids) == SETTLED_AT_ONCE else None), len(changed)


async def open_follow_ups(connection: Connection, assignee_id: UUID) -> list[tuple[Any, ...]]:
    """What a person still has to do, for calendars; see :func:`repository.open_follow_ups`."""
    return await repository.open_follow_ups(connection, assignee_id)


async def last_contacts(unit: UnitOfWork, customer_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """When somebody last spoke with customers; those with whom nobody ever did are absent."""
    return await repository.last_contacts(unit.connection, customer_ids, until=unit.now)


async def _record(
    unit: UnitOfWork, communication: Communication, *, inherit: bool, plan: FollowUpPlan | None
) -> Rendered:
    customer = await customers.find_customer(unit, communication.customer_id)
    if customer is None:
        raise UnknownCustomer(customer_id=communication.customer_id)
    communication = communication.with_(customer_id=customer.id)
    if inherit:
        communication = communication.with_(owner_id=customer.owner_id, team_id=customer.team_id)
    communication = communication.checked() if plan is None else _planned(communication, plan)
    sealed = await communication_rules.kinds_to_seal(unit.connection)
    communication = communication.with_(contents_sealed=communication.kind in sealed)
    rendered = await unit.insert(COMMUNICATIONS, communication, CommunicationRecorded)
    await COMMUNICATION_REFS.add(unit.connection, [(ref, communication.id) for ref in communication.external_refs])
    await _remind(unit, communication)
    return rendered


async def _as_ruled(unit: UnitOfWork, before: Communication, after: Communication) -> Communication:
    """Sealed or not as the rule of another kind says; unless the customer is erased, and there is no key any more."""
    if after.kind is before.kind or await is_erased(unit.connection, before.customer_id):
        return after
    kinds = await communication_rules.kinds_to_seal(unit.connection)
    return after.with_(contents_sealed=after.kind in kinds)


def _planned(communication: Communication, plan: FollowUpPlan) -> Communication:
    return communication.planned(plan.due_at, plan.subject, plan.assignee_id, plan.notice)


def _says(communication: Communication, plan: FollowUpPlan) -> bool:
    """Whether what was agreed is what ``plan`` says, settled or not."""
    known = communication.follow_up
    return known is not None and (known.due_at, known.subject) == (plan.due_at, plan.subject)


async def _remind(unit: UnitOfWork, communication: Communication) -> None:
    """Have the timer say what the record says."""
    if communication.remind_at is not None:
        timer = Timer(str(communication.id), communication.remind_at, Reminded(communication_id=communication.id))
        await set_timers(unit, REMINDER, [timer])
