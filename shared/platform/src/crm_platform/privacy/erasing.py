"""Erases what a service holds about a person, but for what rules keep."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import Uuid, bindparam, func, select, update

from crm_contracts.privacy.v1 import ErasedRecords, Hold, SubjectKind
from crm_platform.companies import zone_of
from crm_platform.days import day_of
from crm_platform.db import Connection, Query
from crm_platform.privacy.declare import Holding, Subject
from crm_platform.uow import UnitOfWork

AT_ONCE: Final = 500
"""Records that are erased by one statement."""

_OLD_EVENTS: Final = """
SELECT id, payload FROM outbox WHERE aggregate_type = $1 AND aggregate_id = ANY($2) AND payload IS NOT NULL
"""
_REWRITE: Final = "UPDATE outbox SET payload = $2 WHERE id = $1"


async def erase(
    unit: UnitOfWork, holdings: Iterable[Holding], kind: SubjectKind, subject_id: UUID, holds: Sequence[Hold]
) -> tuple[ErasedRecords, ...]:
    """Erase the records of ``holdings`` about a person; says what was erased, and what was kept and why.

    Doing it again erases what has been written since, and nothing else.
    """
    laws = {hold.record: hold for hold in holds}
    parts = [await _erase(unit, one, subject_id, laws.get(one.record)) for one in holdings if one.about is kind]
    return tuple(part for part in parts if part.erased or part.kept)


async def _erase(unit: UnitOfWork, holding: Holding, subject_id: UUID, hold: Hold | None) -> ErasedRecords:
    if not holding.blank:
        return ErasedRecords(
            record=holding.record, kept=await _count(unit.connection, holding, subject_id), why=holding.why
        )
    if holding.aggregate is None:
        return ErasedRecords(
            record=holding.record, members=tuple(holding.blank), erased=await _blank_copies(unit, holding, subject_id)
        )
    dates = await _dates(unit.connection, holding, subject_id)
    zone = await zone_of(unit.connection)
    ends = {} if hold is None else {id: _day(at, zone) + timedelta(days=hold.days) for id, at in dates.items()}
    kept = {id: end for id, end in ends.items() if end >= day_of(unit.now, zone)}
    ids = sorted(dates.keys() - kept.keys())
    for start in range(0, len(ids), AT_ONCE):
        await _blank(unit, holding, ids[start : start + AT_ONCE])
    await _keep(unit, holding, sorted(kept))
    return ErasedRecords(
        record=holding.record,
        members=tuple(holding.blank) if ids else (),
        erased=len(ids),
        kept=len(kept),
        why=hold.law if hold is not None and kept else None,
        until=max(kept.values(), default=None),
    )


async def _count(connection: Connection, holding: Holding, subject_id: UUID) -> int:
    wanted = holding.table.c[holding.column] == bindparam("subject_id", type_=Uuid)
    query = Query(select(func.count()).select_from(holding.table).where(wanted))
    count: int = await connection.fetchval(query.text, *query.args(subject_id=subject_id))
    return count


async def _dates(connection: Connection, holding: Holding, subject_id: UUID) -> dict[UUID, Any]:
    """The records of the person, with the date of each."""
    table = holding.table
    dated = table.c[holding.dated]
    wanted = table.c[holding.column] == bindparam("subject_id", type_=Uuid)
    query = Query(select(table.c.id, dated).where(wanted).order_by(table.c.id))
    return {row[0]: row[1] for row in await connection.fetch(query.text, *query.args(subject_id=subject_id))}


def _day(at: Any, zone: ZoneInfo) -> date:
    if isinstance(at, datetime):
        return day_of(at, zone)
    return at if isinstance(at, date) else date.min


async def _blank_copies(unit: UnitOfWork, holding: Holding, subject_id: UUID) -> int:
    table = holding.table
    values = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in holding.blank}
    mine = table.c[holding.column] == bindparam("subject_id", type_=Uuid)
    query = Query(update(table).where(mine).values(values))
    given = {f"new_{name}": value for name, value in holding.blank.items()}
    status: str = await unit.connection.execute(query.text, *query.bind(given | {"subject_id": subject_id}))
    return int(status.rsplit(maxsplit=1)[-1])


async def _blank(unit: UnitOfWork, holding: Holding, ids: Sequence[UUID]) -> None:
    if holding.aggregate is None or holding.event is None:
        return
    found = await unit.find_many(holding.aggregate, ids)
    changes = [(state, state.with_(**holding.blank)) for state in found.values()]
    await unit.update_many(holding.aggregate, changes, holding.event, reason="erasure")
    await forget_events(unit.connection, holding.aggregate.name, ids, holding.blank)


async def _keep(unit: UnitOfWork, holding: Holding, ids: Sequence[UUID]) -> None:
    """Let what a rule keeps be read without the key of the person."""
    if holding.aggregate is None or holding.event is None or not holding.held:
        return
    for start in range(0, len(ids), AT_ONCE):
        found = await unit.find_many(holding.aggregate, ids[start : start + AT_ONCE])
        changes = [(state, state.with_(**holding.held)) for state in found.values()]
        await unit.update_many(holding.aggregate, changes, holding.event, reason="kept by a rule")


async def erase_subject(unit: UnitOfWork, subject: Subject, before: Any, after: Any) -> None:
    """Leave ``after`` of the record of a person whose key is destroyed in the same transaction.

    It is not found by what it held any more, and events of the past that are told again do not say it.
    """
    aggregate = subject.aggregate
    left = aggregate.spec.dump(after, aggregate.spec.difference(before, after))
    await subject.refs.replace(unit.connection, before.id, ())
    await unit.update(aggregate, before, after, subject.event, reason="erasure")
    if aggregate.sealed is not None and aggregate.sealed.keys is not None:
        await aggregate.sealed.keys.forget(unit.connection, before.id)
    await forget_events(unit.connection, aggregate.name, [before.id], left)


async def forget_events(
    connection: Connection, aggregate_type: str, ids: Sequence[UUID], blank: Mapping[str, Any]
) -> None:
    """Blank members in the events of the past that the service keeps, from which it could tell them again."""
    rows = await connection.fetch(_OLD_EVENTS, aggregate_type, list(ids))
    rewritten = [(row["id"], _blanked(row["payload"], blank)) for row in rows]
    await connection.executemany(_REWRITE, rewritten)


def _blanked(payload: bytes, blank: Mapping[str, Any]) -> bytes:
    content = orjson.loads(payload)
    content["state"] |= {name: value for name, value in blank.items() if name in content["state"]}
    return orjson.dumps(content)
