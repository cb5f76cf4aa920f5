"""Queries of the quality gates beyond load, insert and update."""

from uuid import UUID

from sqlalchemy import Uuid, bindparam, literal_column, or_, select

from crm_platform.db import Connection, Query
from project_svc.quality_gates.domain import HOLDING
from project_svc.quality_gates.models import quality_gates

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


async def find_holding(connection: Connection, project_id: UUID) -> list[str]:
    """Names of the first mandatory gates that hold a project, at most five."""
    rows = await connection.fetch(_HOLDING.text, *_HOLDING.args(project_id=project_id))
    return [row[0] for row in rows]
