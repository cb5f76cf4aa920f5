"""Queries of the monitors beyond load, insert and update."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, bindparam, select

from crm_platform.db import Connection, Query
from project_svc.monitors.domain import Monitor
from project_svc.monitors.models import MONITORS, monitors

_OF_METRICS = Query(
    select(monitors.c.id, monitors.c.project_id)
    .where(monitors.c.metric == bindparam("metrics", type_=ARRAY(Text)).any_())
    .order_by(monitors.c.project_id, monitors.c.id)
)
_OF_PROJECT = Query(
    select(*MONITORS.loaded_columns())
    .where(monitors.c.project_id == bindparam("project_id", type_=Uuid))
    .order_by(monitors.c.created_at, monitors.c.id)
)


async def of_project(connection: Connection, project_id: UUID) -> list[Monitor]:
    """The monitors of a project, the oldest first; whoever asks sees to the project's visibility."""
    rows = await connection.fetch(_OF_PROJECT.text, *_OF_PROJECT.args(project_id=project_id))
    return [MONITORS.spec.from_row(row) for row in rows]


async def of_metrics(connection: Connection, metrics: Collection[str]) -> list[tuple[UUID, UUID]]:
    """Ids and projects of the monitors of some metrics."""
    rows = await connection.fetch(_OF_METRICS.text, *_OF_METRICS.args(metrics=sorted(metrics)))
    return [(row[0], row[1]) for row in rows]
