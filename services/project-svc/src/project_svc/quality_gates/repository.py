"""Queries of the quality gates beyond load, insert and update."""

from uuid import UUID

from sqlalchemy import Uuid, bindparam, literal_column, or_, select

from crm_platform.db import Connection, Query
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
_OF_PROJECT = Query(
    select(*QUALITY_GATES.loaded_columns())
    .where(quality_gates.c.project_id == bindparam("project_id", type_=Uuid))
    .order_by(quality_gates.c.created_at, quality_gates.c.id)
)


async def of_project(connection: Connection, project_id: UUID) -> list[QualityGate]:
    """The quality gates of a project, the oldest first; whoever asks sees to the project's visibility."""
    rows = await connection.fetch(_OF_PROJECT.text, *_OF_PROJECT.args(project_id=project_id))
    return [QUALITY_GATES.spec.from_row(row) for row in rows]


async def find_holding(connection: Connection, project_id: UUID) -> list[str]:
    """Names of the first mandatory gates that hold a project, at most five."""
    rows = await connection.fetch(_HOLDING.text, *_HOLDING.args(project_id=project_id))
    return [row[0] for row in rows]
