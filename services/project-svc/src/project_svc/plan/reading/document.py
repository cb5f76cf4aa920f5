"""A plan with all of its tasks in their places, as one JSON document."""

import asyncio
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Uuid, bindparam, select

from crm_platform.db import Query
from crm_platform.reads import Reader, Rendered
from project_svc.plan.models import PLANS, TASKS, plans, tasks
from project_svc.plan.reading.outline import in_places
from project_svc.plan.repository import OF_PROJECT
from project_svc.plan.schemas import PlanState
from project_svc.projects import service as projects

_PLAN = Query(
    select(PLANS.resource.json_of(plans).label("shown"), plans.c.version).where(
        plans.c.id == bindparam("project_id", type_=Uuid)
    )
)
_TASKS = Query(
    select(tasks.c.id, tasks.c.parent_id, TASKS.resource.json_of(tasks).label("shown"))
    .where(OF_PROJECT)
    .order_by(tasks.c.position, tasks.c.id)
)


async def plan_document(reader: Reader, project_id: UUID) -> Rendered:
    """The plan of a project that the caller may see.

    Raises:
        NotFound: There is no such project, or not for this caller.
    """
    await projects.check_visible(reader, project_id)
    async with reader.open() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        row = await connection.fetchrow(_PLAN.text, *_PLAN.args(project_id=project_id))
        rows = await connection.fetch(_TASKS.text, *_TASKS.args(project_id=project_id))
    if row is None:
        return Rendered(project_id, _unedited(project_id), 0)
    body = await asyncio.to_thread(_document, row["shown"].encode(), rows)
    return Rendered(project_id, body, row["version"])


def _unedited(project_id: UUID) -> bytes:
    """What nobody has edited yet has no state of its own."""
    state: dict[str, Any] = dict.fromkeys(PlanState.model_fields)
    state |= {"id": str(project_id), "version": 0, "revision": 0, "task_count": 0, "currency": None, "tasks": []}
    return orjson.dumps(state)


def _document(plan: bytes, rows: Sequence[Any]) -> bytes:
    return b'%b,"tasks":[%b]}' % (plan[:-1], b",".join(_placed(rows)))


def _placed(rows: Sequence[Any]) -> Iterator[bytes]:
    """The tasks, each behind its summary, with level and number."""
    for row, level, number in in_places(rows, id_of=itemgetter("id"), parent_of=itemgetter("parent_id")):
        yield b'%b,"level":%d,"outline":%b}' % (row["shown"].encode()[:-1], level, orjson.dumps(number))
