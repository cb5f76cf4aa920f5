"""Queries of plans beyond load, insert and update."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Integer, Uuid, bindparam, func, literal_column, select

from crm_contracts.plan.v1 import TaskKind
from crm_platform.db import Connection, Query
from project_svc.plan.domain import Task
from project_svc.plan.models import PLANS, TASKS, plans, task_assignments, tasks

OF_PROJECT = tasks.c.project_id == bindparam("project_id", type_=Uuid)
_ALL = Query(select(*TASKS.loaded_columns()).where(OF_PROJECT).order_by(tasks.c.id))
_PLAN = Query(select(*PLANS.loaded_columns()).where(plans.c.id == bindparam("project_id", type_=Uuid)))
_PROJECT_OF = Query(select(tasks.c.project_id).where(tasks.c.id == bindparam("id", type_=Uuid)))
_PROJECTS_OF = Query(
    select(tasks.c.id, tasks.c.project_id).where(
        tasks.c.id == bindparam("ids", type_=ARRAY(Uuid)).any_(), tasks.c.kind != TaskKind.SUMMARY.value
    )
)
_FORGET = f"DELETE FROM {task_assignments.name} WHERE task_id = ANY($1::uuid[])"
_KEEP = (
    f"INSERT INTO {task_assignments.name} (task_id, resource_id, project_id)"
    " SELECT task_id, resource_id, $3 FROM unnest($1::uuid[], $2::uuid[]) AS given (task_id, resource_id)"
)


def revision_of(project_id: ColumnElement[Any]) -> ColumnElement[int]:
    """An expression: the revision of the plan of the project in a column; 0 where nobody has edited it."""
    found = select(plans.c.version).where(plans.c.id == project_id).correlate_except(plans).scalar_subquery()
    return func.coalesce(found, literal_column("0", Integer))


async def find_tasks(connection: Connection, project_id: UUID) -> Sequence[Any]:
    """The rows of all tasks of a project, in the order of their ids."""
    rows: Sequence[Any] = await connection.fetch(_ALL.text, *_ALL.args(project_id=project_id))
    return rows


async def find_plan(connection: Connection, project_id: UUID) -> Any:
    """The row of a plan; None if it was never edited."""
    return await connection.fetchrow(_PLAN.text, *_PLAN.args(project_id=project_id))


async def find_project_of(connection: Connection, task_id: UUID) -> UUID | None:
    """The project of a task."""
    found: UUID | None = await connection.fetchval(_PROJECT_OF.text, *_PROJECT_OF.args(id=task_id))
    return found


async def find_projects_of(connection: Connection, task_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The projects of tasks that are no summaries, by task."""
    rows = await connection.fetch(_PROJECTS_OF.text, *_PROJECTS_OF.args(ids=list(task_ids)))
    return {row["id"]: row["project_id"] for row in rows}


async def keep_assignments(connection: Connection, project_id: UUID, changed: Iterable[Task]) -> None:
    """File which resources tasks need, anew for each of ``changed``."""
    given = list(changed)
    pairs = sorted((task.id, one.resource_id) for task in given for one in task.assignments)
    await connection.execute(_FORGET, [task.id for task in given])
    if pairs:
        await connection.execute(_KEEP, [task for task, _ in pairs], [resource for _, resource in pairs], project_id)


async def forget_assignments(connection: Connection, task_ids: Sequence[UUID]) -> None:
    """Tasks that are removed need nothing any more."""
    await connection.execute(_FORGET, list(task_ids))
