"""Queries of the known surveys."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, func, select

from crm_platform.db import Connection, Query
from project_svc.known_surveys.models import known_surveys

_SCORES = Query(
    select(known_surveys.c.project_id, func.array_agg(known_surveys.c.score))
    .where(
        known_surveys.c.project_id == bindparam("projects", type_=ARRAY(Uuid)).any_(),
        known_surveys.c.score.is_not(None),
    )
    .group_by(known_surveys.c.project_id)
)


async def scores_of(connection: Connection, project_ids: Sequence[UUID]) -> dict[UUID, list[int]]:
    """All scores of projects' answered surveys; projects without any are absent."""
    rows = await connection.fetch(_SCORES.text, *_SCORES.args(projects=list(project_ids)))
    return {row[0]: list(row[1]) for row in rows}
