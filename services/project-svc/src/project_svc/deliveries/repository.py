"""Queries of the deliveries beyond load, insert and update."""

from uuid import UUID

from sqlalchemy import Uuid, and_, bindparam, func, select

from crm_platform.db import Connection, Query
from project_svc.deliveries.domain import SETTLED
from project_svc.deliveries.models import deliveries

OF_PROJECT = deliveries.c.project_id == bindparam("project_id", type_=Uuid)
"""Condition of a list: the deliveries of one project."""

_IS_OPEN = and_(*(deliveries.c.status != status.value for status in sorted(SETTLED)))
_COUNT_OPEN = Query(select(func.count()).select_from(deliveries).where(OF_PROJECT, _IS_OPEN))
_OPEN = Query(select(deliveries.c.id).where(OF_PROJECT, _IS_OPEN).order_by(deliveries.c.id))


async def count_open(connection: Connection, project_id: UUID) -> int:
    """How many deliveries of a project are neither accepted nor cancelled."""
    number: int = await connection.fetchval(_COUNT_OPEN.text, *_COUNT_OPEN.args(project_id=project_id))
    return number


async def find_open(connection: Connection, project_id: UUID) -> list[UUID]:
    """The deliveries of a project that are neither accepted nor cancelled."""
    return [row[0] for row in await connection.fetch(_OPEN.text, *_OPEN.args(project_id=project_id))]
