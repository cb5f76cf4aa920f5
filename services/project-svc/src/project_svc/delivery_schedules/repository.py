"""Queries of the schedules beyond load, insert and update."""

from datetime import date
from uuid import UUID

from sqlalchemy import Date, Uuid, bindparam, func, select

from crm_contracts.delivery.v1 import DeliveryScheduleStatus
from crm_platform.db import Connection, Query
from crm_platform.reads.states import look_at_all
from project_svc.delivery_schedules.domain import DeliverySchedule
from project_svc.delivery_schedules.models import DELIVERY_SCHEDULES, delivery_schedules

_TABLE = delivery_schedules.c
_ACTIVE = _TABLE.status == DeliveryScheduleStatus.ACTIVE.value
_OF_PROJECT = _TABLE.project_id == bindparam("project_id", type_=Uuid)
_COUNT_ACTIVE = Query(select(func.count()).select_from(delivery_schedules).where(_OF_PROJECT, _ACTIVE))
_ACTIVE_OF_PROJECT = Query(select(_TABLE.id).where(_OF_PROJECT, _ACTIVE).order_by(_TABLE.id))
_DUE = Query(
    select(_TABLE.id, _TABLE.project_id)
    .where(
        _ACTIVE,
        _TABLE.next_due_on <= bindparam("today", type_=Date) + _TABLE.lead_days,
        _TABLE.id > bindparam("after", type_=Uuid),
    )
    .order_by(_TABLE.id)
    .limit(1)
)


async def of_project(connection: Connection, project_id: UUID) -> list[DeliverySchedule]:
    """The schedules of a project, the oldest first; whoever asks sees to the project's visibility."""
    return await look_at_all(connection, DELIVERY_SCHEDULES, "project_id", project_id)


async def count_active(connection: Connection, project_id: UUID) -> int:
    """How many schedules of a project go on planning deliveries."""
    number: int = await connection.fetchval(_COUNT_ACTIVE.text, *_COUNT_ACTIVE.args(project_id=project_id))
    return number


async def active_of(connection: Connection, project_id: UUID) -> list[UUID]:
    """The schedules of a project that go on."""
    rows = await connection.fetch(_ACTIVE_OF_PROJECT.text, *_ACTIVE_OF_PROJECT.args(project_id=project_id))
    return [row[0] for row in rows]


async def next_due(connection: Connection, today: date, *, after: UUID) -> tuple[UUID, UUID] | None:
    """The schedule behind ``after`` that has a delivery to plan today, and its project; the one with the lowest id."""
    row = await connection.fetchrow(_DUE.text, *_DUE.args(today=today, after=after))
    return None if row is None else (row[0], row[1])
