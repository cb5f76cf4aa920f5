"""Queries of the monitors beyond load, insert and update."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ARRAY, Text, bindparam, select

from crm_platform.db import Connection, Query
from project_svc.monitors.models import monitors

_OF_METRICS = Query(
    select(monitors.c.id, monitors.c.project_id)
    .where(monitors.c.metric == bindparam("metrics", type_=ARRAY(Text)).any_())
    .order_by(monitors.c.project_id, monitors.c.id)
)


async def of_metrics(connection: Connection, metrics: Collection[str]) -> list[tuple[UUID, UUID]]:
    """Ids and projects of the monitors of some metrics."""
    rows = await connection.fetch(_OF_METRICS.text, *_OF_METRICS.args(metrics=sorted(metrics)))
    return [(row[0], row[1]) for row in rows]
