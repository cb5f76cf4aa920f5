"""Queries of the lessons learned beyond load, insert and update."""

from uuid import UUID

from sqlalchemy import Integer, Uuid, bindparam, select

from crm_platform.db import Connection, Query
from project_svc.lessons.domain import Lesson
from project_svc.lessons.models import LESSONS, lessons

_OF_PROJECT = Query(
    select(*LESSONS.loaded_columns())
    .where(lessons.c.project_id == bindparam("project_id", type_=Uuid))
    .order_by(lessons.c.created_at, lessons.c.id)
    .limit(bindparam("limit", type_=Integer))
)


async def of_project(connection: Connection, project_id: UUID, *, limit: int) -> list[Lesson]:
    """The first lessons of a project, the oldest first."""
    rows = await connection.fetch(_OF_PROJECT.text, *_OF_PROJECT.args(project_id=project_id, limit=limit))
    return [LESSONS.spec.from_row(row) for row in rows]
