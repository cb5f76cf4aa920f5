"""Keeps memberships in step with customers and facts, one customer for all segments at a time.

Whatever changes a customer or its facts is an event, and every event leads here. Work on a customer is done under the
lock of its facts, and what it is judged by is read behind that lock. So of two who work on one customer the later one
sees all that the earlier one saw, and the last event leaves the memberships that a full evaluation would find.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import structlog

from crm_contracts.segment.v1 import SegmentMemberEntered, SegmentMemberLeft
from crm_platform.cel import CelError, FieldMap, Part, Program, check, compile_program, explain
from crm_platform.clock import utc_now
from crm_platform.context import Caller, Cause
from crm_platform.errors import MemberNotSeen
from crm_platform.reads import Reader
from crm_platform.reads.field_access import refuse_asking
from crm_platform.uow import UnitOfWork
from customer_svc.customers import service as customers
from customer_svc.facts import service as facts
from customer_svc.segment_members import repository
from customer_svc.segment_members.domain import SegmentMember, Verdict, judge, look_again, membership_id, moves
from customer_svc.segment_members.models import SEGMENT_MEMBERS, values_of
from customer_svc.segment_members.schemas import Explanation, MembershipRead, MembershipsRead
from customer_svc.segments import service as segments

_log = structlog.get_logger(__name__)

Causes = Mapping[UUID, Cause]
"""By customer, what a change of its memberships is due to; the cause of the unit for those that are not in it."""

PORTION = 500
"""Customers that are looked at in one transaction."""


async def look_at(
    unit: UnitOfWork,
    customer_ids: Collection[UUID],
    *,
    causes: Causes | None = None,
    new_facts: bool = False,
    only: UUID | None = None,
) -> int:
    """Bring the memberships of customers up to date, in all segments or in ``only`` one; returns how many changed.

    With ``new_facts`` their facts are made anew before.
    """
    if not customer_ids:
        return 0
    ids = sorted(customer_ids)
    await segments.hold_existing(unit)
    await facts.lock(unit, ids)
    if new_facts:
        await facts.refresh(unit, ids)
    readable = await segments.fields(unit.connection, unit.caller.tenant_id)
    programs = _programs(await segments.definitions(unit, only), readable)
    if not programs and only is not None:
        return 0
    now = utc_now()
    found = await segments.values(unit, ids)
    verdicts = [verdict for id in ids for verdict in judge(programs, id, found.get(id), now)]
    await _watch(unit, ids, look_again(verdicts), only=only)
    return await _write(unit, ids, verdicts, now, causes=causes or {}, only=only)


async def evaluate_portion(
    unit: UnitOfWork, segment_id: UUID, definition: int, after: UUID
) -> tuple[UUID | None, int, int]:
    """Look at the next portion of all customers for one segment.

    Returns:
        The last of them, or None where there are no more; how many they were; and how many memberships changed.
    """
    segment = await segments.find_segment(unit, segment_id)
    if segment is None or segment.definition != definition:
        return None, 0, 0
    ids = await segments.following_customers(unit, after, PORTION)
    changed = await look_at(unit, ids, only=segment_id)
    if len(ids) == PORTION:
        return ids[-1], len(ids), changed
    await segments.mark_evaluated(unit, segment_id, definition, unit.now)
    return None, len(ids), changed


async def look_again_portion(unit: UnitOfWork) -> tuple[bool, int, int]:
    """Look at a portion of the customers whose memberships may have changed by time alone.

    Returns:
        Whether there may be more, how many they were, and how many memberships changed.
    """
    ids = await repository.due(unit.connection, utc_now(), PORTION)
    changed = await look_at(unit, ids)
    return len(ids) == PORTION, len(ids), changed


async def explain_memberships(reader: Reader, customer_id: UUID, segment_id: UUID | None) -> MembershipsRead:
    """Why a customer is in segments, or is not: all of them, or one.

    What the pool hides counts, but is not shown. Where an expression reads what field rules keep from the caller, it is
    not explained: its parts would tell.

    Raises:
        NotFound: There is no such customer, or the caller may not see it.
        MemberNotSeen: The one segment that is asked about reads what the caller may not see.
    """
    whole = await reader.view(customers.RESOURCE, now=True)
    rendered = await reader.get(values_of(whole), customer_id)
    values = shown = orjson.loads(rendered.body)
    view = await reader.view(customers.view_for(reader.caller))
    if view is not whole:
        shown = orjson.loads((await reader.get(values_of(view), customer_id)).body)
    memberships = orjson.loads(await reader.document(_MEMBERSHIPS, customer_id, segment_id))
    now = utc_now()
    fields = segments.candidates(whole).filters
    items = []
    for one in memberships:
        hidden = _hidden_from(reader.caller, one["expression"], fields)
        if hidden is not None and segment_id is not None:
            raise hidden
        items.append(_explained(one, fields, values, shown if hidden is None else None, now))
    return MembershipsRead(items=items)


def _hidden_from(caller: Caller, expression: str, fields: FieldMap) -> MemberNotSeen | None:
    """Why an expression is not explained to the caller; None where it is."""
    try:
        refuse_asking(customers.RESOURCE, caller, check(expression, fields))
    except MemberNotSeen as refusal:
        return refusal
    except CelError:
        return None
    return None


_MEMBERSHIPS = """
SELECT coalesce(json_agg(json_build_object(
  'segment_id', segments.id, 'name', name, 'expression', expression, 'member', coalesce(member, false), 'since', since
) ORDER BY name), '[]')::text
FROM segments LEFT JOIN segment_members AS kept ON kept.segment_id = segments.id AND kept.customer_id = $1
WHERE $2::uuid IS NULL OR segments.id = $2
"""


def _explained(
    membership: Mapping[str, Any],
    fields: FieldMap,
    values: Mapping[str, Any],
    shown: Mapping[str, Any] | None,
    now: datetime,
) -> MembershipRead:
    try:
        whole: Part | None = explain(membership["expression"], fields, values, now=now)
    except CelError:
        whole = None
    explanation = None if whole is None or shown is None else Explanation.of(whole, shown)
    return MembershipRead.model_validate({**membership, "explanation": explanation})


def _programs(definitions: list[segments.Definition], readable: FieldMap) -> dict[UUID, Program]:
    programs = {}
    for one in definitions:
        try:
            programs[one.segment_id] = compile_program(one.expression, readable)
        except CelError as error:
            # A field that it reads is gone. The members stay as they are until somebody changes the segment.
            _log.warning("segment_cannot_be_evaluated", segment_id=str(one.segment_id), error=error.code)
    return programs


async def _watch(unit: UnitOfWork, ids: list[UUID], moments: Mapping[UUID, datetime], *, only: UUID | None) -> None:
    if only is None and (over := [id for id in ids if id not in moments]):
        await repository.forget(unit.connection, over)
    await repository.watch(unit.connection, moments, sooner=only is not None)


async def _write(
    unit: UnitOfWork, ids: list[UUID], verdicts: list[Verdict], now: datetime, *, causes: Causes, only: UUID | None
) -> int:
    todo = moves(verdicts, await repository.known(unit.connection, ids, only))
    entering = [_first(verdict, now) for verdict in todo.first]
    await unit.insert_many(
        SEGMENT_MEMBERS, entering, SegmentMemberEntered, causes=[_cause(unit, causes, one) for one in entering]
    )
    before = await unit.find_many(SEGMENT_MEMBERS, sorted(todo.turned))
    for member, event in ((True, SegmentMemberEntered), (False, SegmentMemberLeft)):
        pairs = [
            (one, one.with_(member=member, since=now)) for id, one in before.items() if todo.turned[id].member is member
        ]
        await unit.update_many(
            SEGMENT_MEMBERS, pairs, event, causes=[_cause(unit, causes, after) for _, after in pairs]
        )
    return len(entering) + len(before)


def _first(verdict: Verdict, now: datetime) -> SegmentMember:
    return SegmentMember(
        id=membership_id(verdict.segment_id, verdict.customer_id),
        segment_id=verdict.segment_id,
        customer_id=verdict.customer_id,
        member=True,
        since=now,
    )


def _cause(unit: UnitOfWork, causes: Causes, member: SegmentMember) -> Cause:
    return causes.get(member.customer_id, unit.cause)
