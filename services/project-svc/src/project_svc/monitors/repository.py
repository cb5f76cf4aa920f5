"""Queries of the monitors beyond load, insert and update."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ARRAY, Text, bindparam, select

from crm_platform.db import Connection, Query
from crm_platform.reads.states import look_at_all
from project_svc.monitors.domain import Monitor
from project_svc.monitors.models import MONITORS, monitors

_OF_METRICS = Query(
    select(monitors.c.id, monitors.c.project_id)
    .where(monitors.c.metric == bindparam("metrics", type_=ARRAY(Text)).any_())
    .order_by(monitors.c.project_id, monitors.c.id)
)


async def of_project(connection: Connection, project_id: UUID) -> list[Monitor]:
    """The monitors of a project, the oldest first; whoever asks sees to the project's visibility."""
    return await look_at_all(connection, MONITORS, "project_id", project_id)


async def of_metrics(connection: Connection, metrics: Collection[str]) -> list[tuple[UUID, UUID]]:
    """Ids and projects of the monitors of some metrics."""
    rows = await connection.fetch(_OF_METRICS.text, *_OF_METRICS.args(metrics=sorted(metrics)))
    return [(row[0], row[1]) for row in rows]
