"""Queries of the projects beyond load, insert and update."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, select

from crm_platform.db import Connection, Query
from project_svc.projects.models import projects

_OF_OPPORTUNITIES = Query(
    select(projects.c.opportunity_id, projects.c.id).where(
        projects.c.opportunity_id == bindparam("opportunity_ids", type_=ARRAY(Uuid)).any_()
    )
)


async def find_by_opportunities(connection: Connection, opportunity_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The projects that were opened for opportunities, by opportunity; those without are absent."""
    arguments = _OF_OPPORTUNITIES.args(opportunity_ids=list(opportunity_ids))
    return {row[0]: row[1] for row in await connection.fetch(_OF_OPPORTUNITIES.text, *arguments)}
