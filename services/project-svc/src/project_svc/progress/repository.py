"""Queries of the progress reports beyond load and insert."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Uuid, bindparam, select

from crm_platform.db import Connection, Query
from project_svc.progress.models import progress_reports

_TABLE = progress_reports.c
_LATER = Query(
    select(_TABLE.id)
    .where(
        _TABLE.task_id == bindparam("task_id", type_=Uuid),
        _TABLE.as_of > bindparam("as_of", type_=DateTime(timezone=True)),
    )
    .limit(1)
)
_OF_PROJECTS = Query(
    select(
        _TABLE.project_id,
        _TABLE.task_id,
        _TABLE.as_of,
        _TABLE.percent_complete,
        _TABLE.actual_start,
        _TABLE.actual_finish,
        _TABLE.remaining,
    )
    .where(_TABLE.project_id == bindparam("project_ids", type_=ARRAY(Uuid)).any_())
    .order_by(_TABLE.task_id, _TABLE.as_of, _TABLE.id)
)


async def is_overtaken(connection: Connection, task_id: UUID, as_of: datetime) -> bool:
    """Whether there is a report of a task as of a later time."""
    arguments = _LATER.args(task_id=task_id, as_of=as_of)
    return await connection.fetchval(_LATER.text, *arguments) is not None


async def of_projects(connection: Connection, project_ids: Sequence[UUID]) -> Sequence[Any]:
    """All reports of projects, by task and time; of two as of the same time the later one comes last."""
    rows: Sequence[Any] = await connection.fetch(_OF_PROJECTS.text, *_OF_PROJECTS.args(project_ids=list(project_ids)))
    return rows
