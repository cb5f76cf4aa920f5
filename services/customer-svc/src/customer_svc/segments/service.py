"""Use cases of segments, and what expressions read; who is a member is the business of the slice `segment_members`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from crm_contracts.segment.v1 import SegmentCreated, SegmentDeleted, SegmentEvaluated, SegmentStatus, SegmentUpdated
from crm_platform.cel import CelError, FieldMap, check
from crm_platform.db import Connection
from crm_platform.errors import AlreadyExists, FieldProblem, InvalidPayload
from crm_platform.http.fields import changes_of
from crm_platform.ids import new_id
from crm_platform.reads import Reader, Rendered
from crm_platform.reads.field_access import refuse_asking
from crm_platform.uow import UnitOfWork
from customer_svc.customers import service as customers
from customer_svc.segments import repository
from customer_svc.segments.domain import MAX_SEGMENTS, NOUN, Segment
from customer_svc.segments.errors import TooManySegments
from customer_svc.segments.models import FIELDS, SEGMENTS, candidates, fields_with
from customer_svc.segments.schemas import SegmentCreate, SegmentUpdate

__all__ = [
    "FIELDS",
    "Definition",
    "Segment",
    "candidates",
    "check_exists",
    "count_customers",
    "create_segment",
    "definitions",
    "delete_segment",
    "fields",
    "fields_with",
    "find_segment",
    "following_customers",
    "hold_existing",
    "mark_evaluated",
    "update_segment",
    "values",
]


@dataclass(frozen=True, slots=True)
class Definition:
    """What makes a customer a member of a segment."""

    segment_id: UUID
    expression: str


async def fields(connection: Connection, tenant_id: UUID) -> FieldMap:
    """What expressions can read at this moment: the company's custom fields are among it."""
    return fields_with(await customers.custom_fields(connection, tenant_id))


async def values(unit: UnitOfWork, ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """What expressions read of customers at this moment, by customer; those that do not exist are absent."""
    return await repository.values(unit.connection, ids)


async def following_customers(unit: UnitOfWork, after: UUID, limit: int) -> list[UUID]:
    """Ids of the next customers above ``after``, in order, for work that goes over all of them."""
    return await repository.following(unit.connection, after, limit)


async def count_customers(unit: UnitOfWork) -> int:
    """How many customers such work meets."""
    return await repository.count_customers(unit.connection)


async def create_segment(unit: UnitOfWork, body: SegmentCreate) -> Rendered:
    """Define a segment; its members enter while all customers are looked at, which the event begins.

    Raises:
        InvalidPayload: The expression is none.
        MemberNotSeen: It reads what the caller may not see.
        AlreadyExists: Another segment has this name.
        TooManySegments: There are as many as there can be.
    """
    await _check(unit, body.expression)
    # One at a time, so that the limit holds.
    await repository.release_existing(unit.connection)
    if await repository.count(unit.connection) >= MAX_SEGMENTS:
        raise TooManySegments(limit=MAX_SEGMENTS)
    try:
        return await unit.insert(SEGMENTS, Segment(id=new_id(), **dict(body)), SegmentCreated)
    except asyncpg.UniqueViolationError as error:
        raise AlreadyExists(what=NOUN, field="name") from error


async def update_segment(unit: UnitOfWork, id: UUID, body: SegmentUpdate, *, if_match: object) -> Rendered:
    """Change a segment; another expression lets members leave and enter while all customers are looked at.

    Raises:
        NotFound: No such segment.
        PreconditionRequired: No version was given.
        VersionMismatch: The segment has changed since.
        InvalidPayload: The expression is none.
        MemberNotSeen: It reads what the caller may not see.
        AlreadyExists: Another segment has this name.
    """
    before = await unit.load(SEGMENTS, id, if_match=if_match)
    after = before.changed(changes_of(body))
    if after.expression != before.expression:
        await _check(unit, after.expression)
    try:
        return await unit.update(SEGMENTS, before, after, SegmentUpdated)
    except asyncpg.UniqueViolationError as error:
        raise AlreadyExists(what=NOUN, field="name") from error


async def delete_segment(unit: UnitOfWork, id: UUID, *, if_match: object) -> None:
    """Remove a segment with its memberships; snapshots of it stay.

    Raises:
        NotFound: No such segment.
        PreconditionRequired: No version was given.
        VersionMismatch: The segment has changed since.
    """
    await repository.release_existing(unit.connection)
    before = await unit.load(SEGMENTS, id, if_match=if_match)
    await unit.delete(SEGMENTS, before, SegmentDeleted)


async def check_exists(reader: Reader, id: UUID) -> None:
    """Refuse to show parts of a segment that there is not.

    Raises:
        NotFound: There is no such segment.
    """
    await reader.get(SEGMENTS.resource, id, fields=("id",))


async def find_segment(unit: UnitOfWork, id: UUID) -> Segment | None:
    """A segment, locked; None if there is none."""
    return await unit.find(SEGMENTS, id)


async def definitions(unit: UnitOfWork, only: UUID | None = None) -> list[Definition]:
    """What all segments are, or one of them; none of these is deleted until the end of this transaction."""
    await repository.hold_existing(unit.connection)
    return [Definition(row["id"], row["expression"]) for row in await repository.definitions(unit.connection, only)]


async def hold_existing(unit: UnitOfWork) -> None:
    """Let no segment be deleted until the end of this transaction."""
    await repository.hold_existing(unit.connection)


async def mark_evaluated(unit: UnitOfWork, id: UUID, definition: int, at: datetime) -> None:
    """Record that all customers were looked at for one definition of a segment."""
    before = await unit.find(SEGMENTS, id)
    if before is not None and before.status is SegmentStatus.EVALUATING:
        await unit.update(SEGMENTS, before, before.evaluated(definition, at), SegmentEvaluated)


async def _check(unit: UnitOfWork, expression: str) -> None:
    """What an expression reads has to be there, and has to be seen by whoever writes it: members would tell."""
    try:
        names = check(expression, await fields(unit.connection, unit.caller.tenant_id))
    except CelError as error:
        detail = error.words().into(unit.caller.language)
        raise InvalidPayload(count=1, errors=[FieldProblem("/expression", error.code, detail)]) from error
    refuse_asking(customers.RESOURCE, unit.caller, names)
