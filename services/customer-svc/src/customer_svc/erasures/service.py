"""Use cases of erasures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import structlog

from crm_contracts.customer.v1 import CustomerKind
from crm_contracts.privacy.v1 import (
    ANSWERS,
    ErasedRecords,
    ErasureAnswered,
    ErasureAnswerSnapshot,
    ErasureCompleted,
    ErasureOverdue,
    ErasurePart,
    ErasureRequested,
    ErasureStatus,
    Hold,
    SubjectKind,
)
from crm_platform.companies import zone_of
from crm_platform.days import day_of
from crm_platform.db import Connection
from crm_platform.following import everywhere
from crm_platform.ids import new_id
from crm_platform.privacy import Holding, Subject
from crm_platform.privacy.erasing import erase, erase_subject
from crm_platform.reads import Rendered
from crm_platform.sealing.subjects import destroy_key, is_erased
from crm_platform.uow import ANY_VERSION, UnitOfWork
from customer_svc.contacts.domain import Contact
from customer_svc.customer_merges import service as customer_merges
from customer_svc.customers.domain import Customer
from customer_svc.erasures import repository
from customer_svc.erasures.domain import DEADLINE, HERE, Erasure, certificate_of
from customer_svc.erasures.errors import ErasedAlready, NobodyToErase, NotComplete
from customer_svc.erasures.models import ERASURES
from customer_svc.erasures.schemas import ErasureCreate
from customer_svc.hold_rules import service as hold_rules
from customer_svc.merged_customers import service as merged_customers
from customer_svc.suppressions import service as suppressions

AT_ONCE = 100
"""Late erasures that are told of in one step."""

NAME = "customer_name"
"""The kind of record whose rule keeps the name of a person, such as for invoices."""


@dataclass(frozen=True, slots=True)
class Held:
    """What this service holds about people, and the people themselves."""

    holdings: Sequence[Holding]
    people: Mapping[SubjectKind, Subject]


_log = structlog.get_logger(__name__)


async def request_erasure(unit: UnitOfWork, body: ErasureCreate, held: Held) -> Rendered:
    """Erase a person here and now, and ask all other services to do the same.

    All of it is one transaction: the key is destroyed, what is in the clear is blanked, and the request is published.

    Raises:
        NobodyToErase: No such person, or not visible.
        CustomerAbsorbed: It was merged into another; whom to erase is for the client to say.
        ErasedAlready: It was erased before.
    """
    if await is_erased(unit.connection, body.subject_id):
        raise ErasedAlready(id=body.subject_id)
    subject = held.people[body.subject_kind]
    person = await _person(unit, subject, body)
    holds = await hold_rules.active_holds(unit.connection)
    unit = everywhere(unit)
    records = [await _forget(unit, subject, person, holds)]
    records += await erase(unit, held.holdings, body.subject_kind, person.id, holds)
    await _destroy_keys(unit, person.id)
    here = ErasurePart(service=HERE, done_at=unit.now, records=tuple(records))
    erasure = Erasure(
        id=new_id(),
        **dict(body),
        holds=holds,
        parts=(here, *(ErasurePart(service=service) for service in ANSWERS)),
        deadline=unit.now + DEADLINE,
    )
    try:
        return await unit.insert(ERASURES, erasure, ErasureRequested)
    except asyncpg.UniqueViolationError as error:
        raise ErasedAlready(id=body.subject_id) from error


async def take_in_answer(unit: UnitOfWork, answer: ErasureAnswerSnapshot) -> None:
    """Note what a service has done; with the last one the erasure is complete. Again is no matter."""
    before = await unit.find(ERASURES, answer.erasure_id)
    if before is None or not before.waits_for(answer.service):
        return
    after = before.answered(answer.service, answer.records, unit.now)
    complete = after.status is ErasureStatus.COMPLETED
    await unit.update(ERASURES, before, after, ErasureCompleted if complete else ErasureAnswered)


async def certificate(unit: UnitOfWork, id: UUID) -> dict[str, Any]:
    """What is certified of an erasure.

    Raises:
        NotFound: No such erasure.
        NotComplete: Services have not answered.
    """
    erasure = await unit.load(ERASURES, id, if_match=ANY_VERSION)
    missing = [part.service for part in erasure.parts if part.done_at is None]
    if missing:
        raise NotComplete(missing=", ".join(missing))
    return certificate_of(erasure, unit.caller.tenant_id)


async def erased_since(connection: Connection, moment: datetime) -> dict[UUID, datetime]:
    """The customers that were erased since a moment, those among them for whom another one stood, and when."""
    found = await repository.customers_since(connection, moment)
    return {one: at for id, at in found for one in await merged_customers.with_predecessors(connection, id)}


async def tell_late(unit: UnitOfWork) -> tuple[bool, int]:
    """Tell of erasures whose deadline is over.

    Returns:
        Whether there may be more, and of how many was told.
    """
    ids = await repository.late(unit.connection, unit.now, limit=AT_ONCE)
    found = await unit.find_many(ERASURES, ids)
    late = [(one, one.late(unit.now)) for one in found.values() if not one.overdue]
    await unit.update_many(ERASURES, late, ErasureOverdue, reason="the deadline is over")
    for before, _ in late:
        missing = [part.service for part in before.parts if part.done_at is None]
        _log.error("erasure_overdue", erasure_id=str(before.id), missing=missing)
    return len(ids) == AT_ONCE, len(late)


async def _person(unit: UnitOfWork, subject: Subject, body: ErasureCreate) -> Any:
    found = await unit.find(subject.aggregate, body.subject_id)
    if found is None:
        await merged_customers.refuse_absorbed(unit.connection, [body.subject_id])
    if found is None or (body.subject_kind is SubjectKind.CUSTOMER and found.kind is not CustomerKind.PERSON):
        raise NobodyToErase(kind=subject.aggregate.resource.what, id=body.subject_id)
    return found


async def _destroy_keys(unit: UnitOfWork, id: UUID) -> None:
    """Destroy the key of a person, and of all for whom it stands since they were merged into it."""
    ids = await merged_customers.with_predecessors(unit.connection, id)
    await customer_merges.forget_customers(unit.connection, ids)
    for one in ids:
        await destroy_key(unit.connection, one, at=unit.now)


async def _forget(
    unit: UnitOfWork, subject: Subject, person: Customer | Contact, holds: Sequence[Hold]
) -> ErasedRecords:
    """Erase the record of the person itself; its name stays where a rule says so."""
    await suppressions.suppress(unit, suppressions.values_of(person))
    hold = next((one for one in holds if one.record == NAME and isinstance(person, Customer)), None)
    zone, dated = await zone_of(unit.connection), person.updated_at
    until = None if hold is None or dated is None else day_of(dated, zone) + timedelta(days=hold.days)
    keeps = hold is not None and until is not None and until >= day_of(unit.now, zone)
    name = person.name if keeps else f"已删除 / erased {person.id.hex[-8:]}"
    await erase_subject(unit, subject, person, person.erased(name))
    return ErasedRecords(
        record="customer" if isinstance(person, Customer) else "contact",
        members=("personal data",) if keeps else ("personal data", "name"),
        erased=1,
        why=f"name: {hold.law}" if hold is not None and keeps else None,
        until=until if keeps else None,
    )
