"""Queries of the quality gates beyond load, insert and update."""

from uuid import UUID

from sqlalchemy import Uuid, bindparam, literal_column, or_, select

from crm_platform.db import Connection, Query
from crm_platform.reads.states import look_at_all
from project_svc.quality_gates.domain import HOLDING, QualityGate
from project_svc.quality_gates.models import QUALITY_GATES, quality_gates

_MOST_NAMED = 5

_HOLDING = Query(
    select(quality_gates.c.name)
    .where(
        quality_gates.c.project_id == bindparam("project_id", type_=Uuid),
        quality_gates.c.mandatory,
        or_(*(quality_gates.c.status == literal_column(f"'{status.value}'") for status in sorted(HOLDING))),
    )
    .order_by(quality_gates.c.planned_on, quality_gates.c.id)
    .limit(_MOST_NAMED)
)


async def of_project(connection: Connection, project_id: UUID) -> list[QualityGate]:
    """The quality gates of a project, the oldest first; whoever asks sees to the project's visibility."""
    return await look_at_all(connection, QUALITY_GATES, "project_id", project_id)


async def find_holding(connection: Connection, project_id: UUID) -> list[str]:
    """Names of the first mandatory gates that hold a project, at most five."""
    rows = await connection.fetch(_HOLDING.text, *_HOLDING.args(project_id=project_id))
    return [row[0] for row in rows]
