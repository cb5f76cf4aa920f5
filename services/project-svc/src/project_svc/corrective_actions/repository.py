"""Queries of the corrective actions beyond load, insert and update."""

from collections.abc import Mapping
from types import MappingProxyType
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


_TABLES: Mapping[ActionSource, str] = MappingProxyType(
    {
        ActionSource.RISK: "risks",
        ActionSource.ISSUE: "issues",
        ActionSource.MONITOR: "monitors",
        ActionSource.CHANGE_REQUEST: "change_requests",
    }
)


async def has(connection: Connection, project_id: UUID, source: ActionSource, id: UUID) -> bool:
    """Whether a project has such a record that actions follow from."""
    if source not in _TABLES:
        return False
    statement = f"SELECT EXISTS (SELECT FROM {_TABLES[source]} WHERE id = $1 AND project_id = $2)"
    found: bool = await connection.fetchval(statement, id, project_id)
    return found
