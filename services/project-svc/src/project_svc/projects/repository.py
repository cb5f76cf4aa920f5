"""Queries of the projects beyond load, insert and update."""

from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from crm_platform.db import Connection, Query
from project_svc.projects.models import projects

_OF_OPPORTUNITY = Query(
    select(projects.c.id).where(projects.c.opportunity_id == bindparam("opportunity_id", type_=Uuid))
)


async def find_by_opportunity(connection: Connection, opportunity_id: UUID) -> UUID | None:
    """The project that was opened for an opportunity."""
    found: UUID | None = await connection.fetchval(
        _OF_OPPORTUNITY.text, *_OF_OPPORTUNITY.args(opportunity_id=opportunity_id)
    )
    return found
