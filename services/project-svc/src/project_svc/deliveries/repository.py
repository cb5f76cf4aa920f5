"""Queries of the deliveries beyond load, insert and update."""

from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, select

from crm_contracts.project.v1 import DeliveryStatus
from crm_platform.db import Connection, Query
from project_svc.deliveries.models import deliveries

OF_PROJECT = deliveries.c.project_id == bindparam("project_id", type_=Uuid)
"""Condition of a list: the deliveries of one project."""

_COUNT_OPEN = Query(
    select(func.count()).select_from(deliveries).where(OF_PROJECT, deliveries.c.status != DeliveryStatus.ACCEPTED.value)
)


async def count_open(connection: Connection, project_id: UUID) -> int:
    """How many deliveries of a project are not accepted yet."""
    number: int = await connection.fetchval(_COUNT_OPEN.text, *_COUNT_OPEN.args(project_id=project_id))
    return number
