"""Queries of the corrective actions beyond load, insert and update."""

from uuid import UUID

from sqlalchemy import Uuid, and_, bindparam, func, literal_column, select

from crm_contracts.control.v1 import ActionSource
from crm_platform.db import Connection, Query
from project_svc.corrective_actions.domain import SETTLED
from project_svc.corrective_actions.models import corrective_actions as actions

_COUNT_CONDITIONS = Query(
    select(func.count())
    .select_from(actions)
    .where(
        actions.c.project_id == bindparam("project_id", type_=Uuid),
        actions.c.source == literal_column(f"'{ActionSource.GATE.value}'"),
        and_(*(actions.c.status != literal_column(f"'{status.value}'") for status in sorted(SETTLED))),
    )
)


async def count_conditions(connection: Connection, project_id: UUID) -> int:
    """How many conditions of a project's quality gates are not settled."""
    arguments = _COUNT_CONDITIONS.args(project_id=project_id)
    number: int = await connection.fetchval(_COUNT_CONDITIONS.text, *arguments)
    return number
