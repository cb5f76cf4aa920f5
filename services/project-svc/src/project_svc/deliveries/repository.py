"""Queries of the deliveries beyond load, insert and update."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import ARRAY, Date, Integer, Uuid, and_, bindparam, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from crm_contracts.project.v1 import DeliveryStatus
from crm_platform.db import Connection, Query
from crm_platform.reads.states import look_at_all
from project_svc.deliveries.domain import SETTLED, Delivery
from project_svc.deliveries.models import DELIVERIES, deliveries

OF_PROJECT = deliveries.c.project_id == bindparam("project_id", type_=Uuid)
"""Condition of a list: the deliveries of one project."""

_IS_OPEN = and_(*(deliveries.c.status != status.value for status in sorted(SETTLED)))
_COUNT_OPEN = Query(select(func.count()).select_from(deliveries).where(OF_PROJECT, _IS_OPEN))
_OPEN = Query(select(deliveries.c.id).where(OF_PROJECT, _IS_OPEN).order_by(deliveries.c.id))
_LOOK_AT = Query(select(deliveries).where(deliveries.c.id == bindparam("id", type_=Uuid)))
_PART_OF = Query(select(deliveries.c.part_of).where(deliveries.c.id == bindparam("id", type_=Uuid)))
_PARTS = Query(
    select(deliveries.c.id, deliveries.c.status)
    .where(deliveries.c.part_of == bindparam("whole_id", type_=Uuid))
    .order_by(deliveries.c.id)
)
_UNDECIDED = Query(
    select(deliveries.c.id)
    .where(
        deliveries.c.deemed_on < bindparam("today", type_=Date),
        deliveries.c.status == DeliveryStatus.SUBMITTED.value,
        deliveries.c.id > bindparam("after", type_=Uuid),
    )
    .order_by(deliveries.c.id)
    .limit(bindparam("limit", type_=Integer))
)

_LATE = Query(
    select(
        deliveries.c.project_id,
        func.count(),
        func.count().filter(deliveries.c.due_on < bindparam("day", type_=Date)),
    )
    .where(_IS_OPEN)
    .group_by(deliveries.c.project_id)
)

_NEXT_DUE = Query(
    select(deliveries.c.project_id, deliveries.c.id, deliveries.c.due_on)
    .ext(distinct_on(deliveries.c.project_id))
    .where(deliveries.c.project_id == bindparam("projects", type_=ARRAY(Uuid)).any_(), _IS_OPEN)
    .order_by(deliveries.c.project_id, deliveries.c.due_on, deliveries.c.id)
)


async def count_late(connection: Connection, day: date) -> dict[UUID, tuple[int, int]]:
    """By project, how many deliveries are open, and how many of these should have been accepted before ``day``."""
    return {row[0]: (row[1], row[2]) for row in await connection.fetch(_LATE.text, *_LATE.args(day=day))}


async def next_due(connection: Connection, project_ids: Collection[UUID]) -> dict[UUID, tuple[UUID, date]]:
    """By project, which delivery that is open is due first, and when; projects without any are absent."""
    rows = await connection.fetch(_NEXT_DUE.text, *_NEXT_DUE.args(projects=list(project_ids)))
    return {row[0]: (row[1], row[2]) for row in rows}


async def count_open(connection: Connection, project_id: UUID) -> int:
    """How many deliveries of a project are neither accepted nor cancelled."""
    number: int = await connection.fetchval(_COUNT_OPEN.text, *_COUNT_OPEN.args(project_id=project_id))
    return number


async def find_open(connection: Connection, project_id: UUID) -> list[UUID]:
    """The deliveries of a project that are neither accepted nor cancelled."""
    return [row[0] for row in await connection.fetch(_OPEN.text, *_OPEN.args(project_id=project_id))]


async def look_at(connection: Connection, id: UUID) -> Delivery | None:
    """The delivery as it is, not locked, whoever asks."""
    row = await connection.fetchrow(_LOOK_AT.text, *_LOOK_AT.args(id=id))
    return None if row is None else DELIVERIES.spec.from_row(row)


async def of_project(connection: Connection, project_id: UUID) -> list[Delivery]:
    """The deliveries of a project, the oldest first; whoever asks sees to the project's visibility."""
    return await look_at_all(connection, DELIVERIES, "project_id", project_id)


async def whole_of(connection: Connection, id: UUID) -> UUID | None:
    """The delivery of which one is a part; that never changes, so no lock is needed."""
    found: UUID | None = await connection.fetchval(_PART_OF.text, *_PART_OF.args(id=id))
    return found


async def parts_of(connection: Connection, whole_id: UUID) -> dict[UUID, DeliveryStatus]:
    """The parts of a delivery and their states; whoever has locked the delivery sees the last ones."""
    rows = await connection.fetch(_PARTS.text, *_PARTS.args(whole_id=whole_id))
    return {row["id"]: DeliveryStatus(row["status"]) for row in rows}


async def undecided(connection: Connection, today: date, *, after: UUID, limit: int) -> list[UUID]:
    """Submitted deliveries behind ``after`` about which nobody has decided in the agreed time, in the order of ids."""
    arguments = _UNDECIDED.args(today=today, after=after, limit=limit)
    return [row[0] for row in await connection.fetch(_UNDECIDED.text, *arguments)]
