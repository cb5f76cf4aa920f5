"""Queries of the lessons learned beyond load, insert and update."""

from uuid import UUID

from crm_platform.db import Connection
from crm_platform.reads.states import look_at_all
from project_svc.lessons.domain import Lesson
from project_svc.lessons.models import LESSONS


async def of_project(connection: Connection, project_id: UUID, *, limit: int) -> list[Lesson]:
    """The first lessons of a project, the oldest first."""
    return await look_at_all(connection, LESSONS, "project_id", project_id, limit=limit)
