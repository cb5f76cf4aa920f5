"""Queries of the projects beyond load, insert and update."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Uuid, bindparam, select

from crm_contracts.project.v1 import ProjectStatus
from crm_platform.db import Connection, Query
from project_svc.projects.domain import ENDED
from project_svc.projects.models import PROJECTS, projects

_OF_OPPORTUNITIES = Query(
    select(projects.c.opportunity_id, projects.c.id).where(
        projects.c.opportunity_id == bindparam("opportunity_ids", type_=ARRAY(Uuid)).any_()
    )
)
_OF_CONTRACTS = Query(
    select(projects.c.contract_id).where(projects.c.contract_id == bindparam("contract_ids", type_=ARRAY(Uuid)).any_())
)
_LOCK_OPPORTUNITIES = (
    "SELECT pg_advisory_xact_lock(hashtextextended('projects.' || current_setting('crm.tenant_id') || i, 0))"
    " FROM unnest($1::uuid[]) AS i ORDER BY i"
)
_FIND = Query(select(*PROJECTS.loaded_columns()).where(projects.c.id == bindparam("id", type_=Uuid)))
_NEWEST_OPEN = Query(
    select(projects.c.id)
    .where(
        projects.c.customer_id == bindparam("customer_id", type_=Uuid),
        *(projects.c.status != status.value for status in sorted(ENDED)),
    )
    .order_by(projects.c.created_at.desc(), projects.c.id.desc())
    .limit(1)
)

_ACTIVE = Query(
    select(projects.c.id)
    .where(projects.c.status == ProjectStatus.ACTIVE.value, projects.c.id > bindparam("after", type_=Uuid))
    .order_by(projects.c.id)
    .limit(bindparam("number", type_=Integer))
)


async def active_after(connection: Connection, after: UUID, number: int) -> list[UUID]:
    """The ids of so many active projects, by id."""
    return [row[0] for row in await connection.fetch(_ACTIVE.text, *_ACTIVE.args(after=after, number=number))]


async def find_by_opportunities(connection: Connection, opportunity_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The projects that were opened for opportunities, by opportunity; those without are absent."""
    arguments = _OF_OPPORTUNITIES.args(opportunity_ids=list(opportunity_ids))
    return {row[0]: row[1] for row in await connection.fetch(_OF_OPPORTUNITIES.text, *arguments)}


async def find_contracts(connection: Connection, contract_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the contracts that have a project."""
    arguments = _OF_CONTRACTS.args(contract_ids=list(contract_ids))
    return {row[0] for row in await connection.fetch(_OF_CONTRACTS.text, *arguments)}


async def lock_opportunities(connection: Connection, opportunity_ids: Iterable[UUID]) -> None:
    """Let nobody else open projects for these until the end of the transaction."""
    await connection.execute(_LOCK_OPPORTUNITIES, sorted(opportunity_ids))


async def find_newest_open(connection: Connection, customer_id: UUID) -> UUID | None:
    """The customer's project that was opened last and is not over."""
    found: UUID | None = await connection.fetchval(_NEWEST_OPEN.text, *_NEWEST_OPEN.args(customer_id=customer_id))
    return found


async def find(connection: Connection, id: UUID) -> Any:
    """The row of a project; None if there is none."""
    return await connection.fetchrow(_FIND.text, *_FIND.args(id=id))
