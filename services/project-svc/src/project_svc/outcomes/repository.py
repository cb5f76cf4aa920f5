"""Queries of the outcomes beyond load, insert and update."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ARRAY, Date, Integer, Uuid, and_, bindparam, func, or_, select

from crm_platform.db import Connection, Query
from crm_platform.reads.states import look_at_all
from project_svc.outcomes.domain import FROM_SURVEYS, OVER, Outcome
from project_svc.outcomes.models import OUTCOMES, outcomes

OF_PROJECT = outcomes.c.project_id == bindparam("project_id", type_=Uuid)
"""Condition of a list: the outcomes of one project."""

_IS_OPEN = and_(*(outcomes.c.status != status.value for status in sorted(OVER)))
_IS_DUE = outcomes.c.review_on <= bindparam("today", type_=Date)
_COUNT_UNREVIEWED = Query(select(func.count()).select_from(outcomes).where(OF_PROJECT, _IS_OPEN, _IS_DUE))
_FROM_SURVEYS = Query(
    select(outcomes.c.id)
    .where(
        outcomes.c.project_id == bindparam("projects", type_=ARRAY(Uuid)).any_(),
        or_(*(outcomes.c.source == source.value for source in sorted(FROM_SURVEYS))),
        _IS_OPEN,
    )
    .order_by(outcomes.c.id)
)
_DUE = Query(
    select(outcomes.c.id)
    .where(_IS_OPEN, _IS_DUE, outcomes.c.review_due.is_(False))
    .order_by(outcomes.c.id)
    .limit(bindparam("limit", type_=Integer))
)
_MOST = 200


async def count_unreviewed(connection: Connection, project_id: UUID, today: date) -> int:
    """How many outcomes of a project should have been reviewed by ``today``, and were not."""
    arguments = _COUNT_UNREVIEWED.args(project_id=project_id, today=today)
    number: int = await connection.fetchval(_COUNT_UNREVIEWED.text, *arguments)
    return number


async def from_surveys(connection: Connection, project_ids: Sequence[UUID]) -> list[UUID]:
    """The outcomes of projects that follow their surveys and are not over."""
    rows = await connection.fetch(_FROM_SURVEYS.text, *_FROM_SURVEYS.args(projects=list(project_ids)))
    return [row[0] for row in rows]


async def due(connection: Connection, today: date, *, limit: int) -> list[UUID]:
    """Outcomes whose review is due and was not told so."""
    return [row[0] for row in await connection.fetch(_DUE.text, *_DUE.args(today=today, limit=limit))]


async def of_project(connection: Connection, project_id: UUID) -> list[Outcome]:
    """The outcomes of a project, the first 200, the oldest first; whoever asks sees to the project's visibility."""
    return await look_at_all(connection, OUTCOMES, "project_id", project_id, limit=_MOST)
