"""Queries of the baselines beyond insert."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, select

from crm_platform.db import Connection, Query
from project_svc.baselines.domain import BaselineTask
from project_svc.baselines.models import BASELINES, baseline_tasks, baselines

OF_PROJECT = baselines.c.project_id == bindparam("project_id", type_=Uuid)
_LAST = Query(select(func.coalesce(func.max(baselines.c.number), 0)).where(OF_PROJECT))
_ROW = Query(select(*BASELINES.loaded_columns()).where(baselines.c.id == bindparam("id", type_=Uuid)))
_TASKS = Query(
    select(*(column for column in baseline_tasks.c if column.name not in {"tenant_id", "baseline_id"}))
    .where(baseline_tasks.c.baseline_id == bindparam("id", type_=Uuid))
    .order_by(baseline_tasks.c.starts_at, baseline_tasks.c.finishes_at, baseline_tasks.c.task_id)
)
_OF_PROJECT = Query(select(*BASELINES.loaded_columns()).where(OF_PROJECT).order_by(baselines.c.number.desc()))
_KEEP = f"""
INSERT INTO {baseline_tasks.name}
  (baseline_id, task_id, name, starts_at, finishes_at, work, cost, critical, fixed_cost, effort)
SELECT $1, given.* FROM unnest(
    $2::uuid[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::integer[], $7::numeric[], $8::boolean[],
    $9::numeric[], $10::integer[]
) AS given
"""


async def last_number(connection: Connection, project_id: UUID) -> int:
    """The number of a project's latest baseline; 0 where there is none."""
    number: int = await connection.fetchval(_LAST.text, *_LAST.args(project_id=project_id))
    return number


async def keep_tasks(connection: Connection, baseline_id: UUID, tasks: Sequence[BaselineTask]) -> None:
    """Put the tasks of a new baseline on record."""
    if tasks:
        await connection.execute(_KEEP, baseline_id, *map(list, zip(*tasks, strict=True)))


async def find_row(connection: Connection, id: UUID) -> Any:
    """The row of a baseline; None where there is none."""
    return await connection.fetchrow(_ROW.text, *_ROW.args(id=id))


async def find_of_project(connection: Connection, project_id: UUID) -> list[Any]:
    """The rows of a project's baselines, the newest first."""
    return list(await connection.fetch(_OF_PROJECT.text, *_OF_PROJECT.args(project_id=project_id)))


async def find_tasks(connection: Connection, id: UUID) -> list[BaselineTask]:
    """The tasks of a baseline, in the order of their starts."""
    rows = await connection.fetch(_TASKS.text, *_TASKS.args(id=id))
    return [BaselineTask(**row) for row in rows]
