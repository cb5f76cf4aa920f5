"""Queries of the change requests beyond load, insert and update."""

from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, select

from crm_platform.db import Connection, Query
from project_svc.change_requests.models import change_requests

_LAST = Query(
    select(func.coalesce(func.max(change_requests.c.number), 0)).where(
        change_requests.c.project_id == bindparam("project_id", type_=Uuid)
    )
)


async def last_number(connection: Connection, project_id: UUID) -> int:
    """The number of a project's latest change request; 0 where there is none."""
    number: int = await connection.fetchval(_LAST.text, *_LAST.args(project_id=project_id))
    return number
