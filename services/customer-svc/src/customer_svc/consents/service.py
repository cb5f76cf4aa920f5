"""Use cases of consent."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from crm_contracts.privacy.v1 import (
    ConsentExpired,
    ConsentGiven,
    ConsentRequested,
    ConsentStatus,
    ConsentWithdrawn,
    Evidence,
    SubjectKind,
)
from crm_platform.clock import utc_now
from crm_platform.db import Connection
from crm_platform.ids import new_id
from crm_platform.reads import Reader, Rendered
from crm_platform.uow import UnitOfWork
from customer_svc.consent_purposes import service as purposes
from customer_svc.consent_purposes.domain import Purpose
from customer_svc.consents import repository
from customer_svc.consents.domain import ALLOWED, CONFIRM_WITHIN, REASONS, Consent, Standing, Statement
from customer_svc.consents.errors import UnknownPurpose, UnknownSubject
from customer_svc.consents.models import CONSENTS
from customer_svc.consents.schemas import ConsentCreate, MayContact, MayContactList, MayContactMany, Objection, Said
from customer_svc.contacts import service as contacts
from customer_svc.customers import service as customers
from customer_svc.merged_customers import service as merged_customers

AT_ONCE = 200
"""Consents that end in one step."""

AGGREGATE = CONSENTS
"""For those who tell about a person, or forget one."""

_EVENTS = {"request": ConsentRequested, "give": ConsentGiven, "confirm": ConsentGiven, "withdraw": ConsentWithdrawn}


async def record_consent(unit: UnitOfWork, body: ConsentCreate) -> Rendered:
    """Put on record that a person agrees; where the purpose wants it, the person has to confirm.

    Raises:
        UnknownSubject: No such person, or not visible.
        UnknownPurpose: No such purpose, channel or text.
    """
    purpose = await _purpose(unit, body)
    action = "request" if purpose.double_opt_in else "give"
    said = _said(unit, body, purpose)
    return await _record(unit, body, action, said)


async def object_to(unit: UnitOfWork, body: Objection) -> Rendered:
    """Put on record that a person does not agree, whether or not it ever has.

    Raises:
        UnknownSubject: No such person, or not visible.
        UnknownPurpose: No such purpose.
    """
    if await purposes.find_purpose(unit.connection, body.purpose) is None:
        raise UnknownPurpose(purpose=body.purpose)
    return await _record(unit, body, "withdraw", _statement(unit, body))


async def withdraw(unit: UnitOfWork, id: UUID, body: Said, *, if_match: object) -> Rendered:
    """End a consent at the will of the person.

    Raises:
        NotFound: No such consent.
        PreconditionRequired: No version was given.
        VersionMismatch: It has changed since.
    """
    before = await unit.load(CONSENTS, id, if_match=if_match)
    return await unit.update(CONSENTS, before, before.after("withdraw", _statement(unit, body)), ConsentWithdrawn)


async def confirm(unit: UnitOfWork, id: UUID, body: Said, *, if_match: object) -> Rendered:
    """Let a consent count that the person has confirmed (double opt-in).

    Raises:
        InvalidTransition: There is nothing to confirm.
        UnknownPurpose: The purpose is not pursued any more.
    """
    before = await unit.load(CONSENTS, id, if_match=if_match)
    purpose = await purposes.find_purpose(unit.connection, before.purpose)
    if purpose is None or not purpose.active:
        raise UnknownPurpose(purpose=before.purpose)
    said = _statement(unit, body)
    said = Statement(source=said.source, at=said.at, evidence=said.evidence, expires_at=_expiry(purpose, said))
    return await unit.update(CONSENTS, before, before.after("confirm", said), ConsentGiven)


async def may_contact(reader: Reader, asked: MayContactMany) -> MayContactList:
    """Whether people may be turned to, and why; the reasons in the caller's language."""
    async with reader.open() as connection:
        found = await repository.standings(connection, asked.subjects, asked.purpose, asked.channel.value)
        survivors = await _survivors(connection, [subject for subject, _, standing in found if not standing.known])
        ids = sorted(set(survivors.values()))
        instead = await repository.standings(connection, ids, asked.purpose, asked.channel.value) if ids else []
    said = {subject: (consent_id, standing) for subject, consent_id, standing in [*found, *instead]}
    items = []
    for subject in asked.subjects:
        survivor_id = survivors.get(subject)
        items.append(_answer(subject, survivor_id, *said[survivor_id or subject], reader.caller.language))
    return MayContactList(items=items)


def _answer(
    subject: UUID, survivor_id: UUID | None, consent_id: UUID | None, standing: Standing, language: str
) -> MayContact:
    verdict = standing.verdict(utc_now())
    return MayContact(
        subject=subject,
        moved_to=survivor_id,
        allowed=verdict in ALLOWED,
        reason=verdict,
        message=REASONS[verdict].into(language),
        consent_id=consent_id,
        until=standing.expires_at if verdict in ALLOWED else None,
    )


async def consents_of(unit: UnitOfWork, subject_id: UUID) -> list[UUID]:
    """All that a person has said something about."""
    return await repository.of_subject(unit.connection, subject_id)


async def end_portion(unit: UnitOfWork) -> tuple[bool, int]:
    """End consents whose time is over.

    Returns:
        Whether there may be more, and how many have ended.
    """
    ids = await repository.expired(unit.connection, unit.now, limit=AT_ONCE)
    found = await unit.find_many(CONSENTS, ids)
    over = [one for one in found.values() if one.expires_at is not None and one.expires_at <= unit.now]
    running = [one for one in over if one.status in {ConsentStatus.PENDING, ConsentStatus.GIVEN}]
    await unit.update_many(CONSENTS, [(one, one.expired()) for one in running], ConsentExpired, reason="time is over")
    return len(ids) == AT_ONCE, len(running)


async def _survivors(connection: Connection, unknown: Sequence[UUID]) -> dict[UUID, UUID]:
    """Who stands for those that are no more, as they were merged into another; the others are absent."""
    found = {id: await merged_customers.survivor_of(connection, id) for id in unknown}
    return {id: survivor_id for id, survivor_id in found.items() if survivor_id is not None}


async def _record(unit: UnitOfWork, body: ConsentCreate | Objection, action: str, said: Statement) -> Rendered:
    subject_id = await _subject(unit, body.subject_kind, body.subject_id)
    await repository.lock_subject(unit.connection, subject_id)
    id = await repository.find(unit.connection, subject_id, body.purpose, body.channel.value)
    before = None if id is None else await unit.find(CONSENTS, id)
    if before is not None:
        return await unit.update(CONSENTS, before, before.after(action, said), _EVENTS[action])
    new = Consent(
        id=new_id(),
        subject_kind=body.subject_kind,
        subject_id=subject_id,
        purpose=body.purpose,
        channel=body.channel,
        source=said.source,
        said_at=said.at,
    )
    return await unit.insert(CONSENTS, new.after(action, said), _EVENTS[action])


async def _subject(unit: UnitOfWork, kind: SubjectKind, id: UUID) -> UUID:
    """The person whom ``id`` names: who stands for it now, where it was merged into another."""
    if kind is SubjectKind.CUSTOMER:
        customer = await customers.find_customer(unit, id)
        if customer is not None and customer.kind == "person":
            return customer.id
    elif id in await contacts.find_contacts(unit, [id]):
        return id
    what = customers.RESOURCE.what if kind is SubjectKind.CUSTOMER else contacts.RESOURCE.what
    raise UnknownSubject(kind=what, id=id)


async def _purpose(unit: UnitOfWork, body: ConsentCreate) -> Purpose:
    purpose = await purposes.find_purpose(unit.connection, body.purpose)
    fits = purpose is not None and purpose.active and body.channel in purpose.channels
    if purpose is None or not fits or (body.text_version and not purpose.has_text(body.text_version)):
        raise UnknownPurpose(purpose=body.purpose)
    return purpose


def _said(unit: UnitOfWork, body: ConsentCreate, purpose: Purpose) -> Statement:
    said = _statement(unit, body)
    pending = unit.now + CONFIRM_WITHIN if purpose.double_opt_in else None
    return Statement(
        source=said.source,
        at=said.at,
        evidence=said.evidence,
        text_version=body.text_version or len(purpose.texts) or None,
        expires_at=body.expires_at or pending or _expiry(purpose, said),
    )


def _expiry(purpose: Purpose, said: Statement) -> datetime | None:
    return None if purpose.valid_days is None else said.at + timedelta(days=purpose.valid_days)


def _statement(unit: UnitOfWork, body: Said) -> Statement:
    evidence = None if body.evidence is None else Evidence(**dict(body.evidence))
    return Statement(source=body.source, at=body.said_at or unit.now, evidence=evidence)
