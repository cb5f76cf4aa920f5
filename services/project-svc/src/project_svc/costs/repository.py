"""Queries of the actual costs beyond load, insert and update."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, bindparam, select

from crm_contracts.execution.v1 import CostSource
from crm_platform.db import Connection, Query
from project_svc.costs.models import project_costs

_BY_REF = Query(
    select(project_costs.c.id).where(
        project_costs.c.source == bindparam("source", type_=Text),
        project_costs.c.source_ref == bindparam("source_ref", type_=Text),
    )
)
_SPENT = Query(
    select(
        project_costs.c.project_id,
        project_costs.c.task_id,
        project_costs.c.incurred_on,
        project_costs.c.amount_amount,
        project_costs.c.amount_currency,
    )
    .where(project_costs.c.project_id == bindparam("project_ids", type_=ARRAY(Uuid)).any_())
    .order_by(project_costs.c.incurred_on, project_costs.c.id)
)


async def find_by_ref(connection: Connection, source: CostSource, source_ref: str) -> UUID | None:
    """The cost that was told under this reference."""
    arguments = _BY_REF.args(source=source.value, source_ref=source_ref)
    found: UUID | None = await connection.fetchval(_BY_REF.text, *arguments)
    return found


async def spent(connection: Connection, project_ids: Sequence[UUID]) -> Sequence[Any]:
    """Project, task, day, amount and currency of all costs of projects."""
    rows: Sequence[Any] = await connection.fetch(_SPENT.text, *_SPENT.args(project_ids=list(project_ids)))
    return rows
