"""Use cases of subject access."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import structlog

from crm_contracts.customer.v1 import CustomerKind
from crm_contracts.privacy.v1 import SubjectKind
from crm_contracts.sealing import place
from crm_contracts.subject_access.v1 import (
    ANSWERS,
    AccessAnswerSnapshot,
    AccessPart,
    AccessStatus,
    SubjectAccessAnswered,
    SubjectAccessExpired,
    SubjectAccessReady,
    SubjectAccessRepeated,
    SubjectAccessRequested,
)
from crm_platform.audit.notes import note
from crm_platform.ids import new_id
from crm_platform.privacy import Subject
from crm_platform.privacy.access import open_answer
from crm_platform.reads import Rendered
from crm_platform.sealing.boxes import new_key_pair
from crm_platform.sealing.errors import SubjectKeyGone
from crm_platform.sealing.subjects import open_for
from crm_platform.uow import ANY_VERSION, UnitOfWork
from customer_svc.merged_customers import service as merged_customers
from customer_svc.subject_access import repository
from customer_svc.subject_access.domain import ASKED_AGAIN_AFTER, COLLECTED_WITHIN, SubjectAccess
from customer_svc.subject_access.errors import AskedAlready, BundleExpired, BundleNotReady, NobodyToTellOf, NotForYou
from customer_svc.subject_access.models import SUBJECT_ACCESS
from customer_svc.subject_access.schemas import SubjectAccessCreate

AT_ONCE = 100
"""Requests that are looked after in one step."""

BUNDLE = "subject_access_bundle"
"""What the audit trail calls a bundle."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Collected:
    """What all services have told of a person.

    Attributes:
        request: What was asked for.
        sections: By service, as :meth:`crm_platform.privacy.gathering.Section.as_json` says; some come in pieces.
        at: The moment at which it was given out.
    """

    request: SubjectAccess
    sections: Mapping[str, list[dict[str, Any]]]
    at: datetime


async def request_access(
    unit: UnitOfWork, body: SubjectAccessCreate, people: Mapping[SubjectKind, Subject]
) -> Rendered:
    """Ask all services, this one too, what they hold about a person.

    Raises:
        NobodyToTellOf: No such person, or not visible.
        CustomerAbsorbed: It was merged into another.
        AskedAlready: That is under way.
        SubjectKeyGone: The person is erased.
    """
    subject = people[body.subject_kind]
    person = await unit.find(subject.aggregate, body.subject_id)
    if person is None:
        await merged_customers.refuse_absorbed(unit.connection, [body.subject_id])
    if person is None or (body.subject_kind is SubjectKind.CUSTOMER and person.kind is not CustomerKind.PERSON):
        raise NobodyToTellOf(kind=subject.aggregate.resource.what, id=body.subject_id)
    keys = new_key_pair()
    request = SubjectAccess(
        id=new_id(),
        **dict(body),
        parts=tuple(AccessPart(service=service) for service in ANSWERS),
        asked_at=unit.now,
        expires_at=unit.now + COLLECTED_WITHIN,
        answer_key=keys.public,
    )
    if subject.aggregate.sealed is not None:
        await unit.keys.prepare(subject.aggregate.sealed, [person])
    sealed = unit.keys.seal_json(person.id, keys.private, _place(request.id))
    if sealed is None:
        raise SubjectKeyGone(id=person.id)
    await repository.keep_key(unit.connection, request.id, sealed)
    try:
        return await unit.insert(SUBJECT_ACCESS, request, SubjectAccessRequested)
    except asyncpg.UniqueViolationError as error:
        raise AskedAlready(id=body.subject_id) from error


async def take_in_answer(unit: UnitOfWork, answer: AccessAnswerSnapshot) -> None:
    """Keep a page of what a service tells; its part is done with the last page. Again is no matter."""
    before = await unit.find(SUBJECT_ACCESS, answer.request_id)
    if before is None or not before.waits_for(answer.service):
        return
    there = await repository.keep_page(unit.connection, answer.request_id, answer.service, answer.page, answer.content)
    if there < answer.pages:
        return
    after = before.answered(answer.service, answer.records, unit.now)
    ready = after.status is AccessStatus.READY
    await unit.update(SUBJECT_ACCESS, before, after, SubjectAccessReady if ready else SubjectAccessAnswered)


async def open_bundle(unit: UnitOfWork, id: UUID) -> Collected:
    """What was collected, for whoever has asked for it; goes on record.

    Raises:
        NotFound: No such request.
        NotForYou: Somebody else has asked.
        BundleNotReady: Services have not answered.
        BundleExpired: It is destroyed.
        SubjectKeyGone: The person was erased.
    """
    request = await unit.load(SUBJECT_ACCESS, id, if_match=ANY_VERSION)
    if request.created_by != unit.caller.actor:
        raise NotForYou(actor=request.created_by)
    if request.status is AccessStatus.RUNNING and request.expires_at > unit.now:
        raise BundleNotReady(missing=", ".join(request.missing))
    sealed = await repository.key_of(unit.connection, id)
    if sealed is None or request.status is not AccessStatus.READY or request.expires_at <= unit.now:
        raise BundleExpired(id=request.subject_id)
    private: str = orjson.loads(await open_for(unit.connection, request.subject_id, sealed, _place(id)))
    sections: dict[str, list[dict[str, Any]]] = {service: [] for service in ANSWERS}
    for service, page, content in await repository.pages_of(unit.connection, id):
        sections[service] += orjson.loads(open_answer(private, content, id, service, page))
    await note(unit, BUNDLE, id, "subject_access.downloaded")
    return Collected(request, sections, unit.now)


async def ask_again(unit: UnitOfWork) -> tuple[bool, int]:
    """Ask the services again that have not answered.

    Returns:
        Whether there may be more, and for how many requests that was so.
    """
    ids = await repository.late(unit.connection, unit.now - ASKED_AGAIN_AFTER, unit.now, limit=AT_ONCE)
    found = await unit.find_many(SUBJECT_ACCESS, ids)
    late = [(one, one.asked_again(unit.now)) for one in found.values()]
    written = await unit.update_many(SUBJECT_ACCESS, late, SubjectAccessRepeated, reason="not answered in time")
    for one in written:
        _log.error("subject_access_overdue", request_id=str(one.id), missing=one.missing)
    return len(ids) == AT_ONCE, len(written)


async def destroy_expired(unit: UnitOfWork) -> tuple[bool, int]:
    """Destroy what was collected for requests whose time is over.

    Returns:
        Whether there may be more, and for how many requests that was so.
    """
    ids = await repository.over(unit.connection, unit.now, limit=AT_ONCE)
    found = await unit.find_many(SUBJECT_ACCESS, ids)
    open_ = [one for one in found.values() if one.status is not AccessStatus.EXPIRED]
    for one in open_:
        await repository.destroy(unit.connection, one.id)
    await unit.update_many(
        SUBJECT_ACCESS, [(one, one.expired()) for one in open_], SubjectAccessExpired, reason="time is over"
    )
    return len(ids) == AT_ONCE, len(open_)


def _place(request_id: UUID) -> bytes:
    return place("access key", request_id)
