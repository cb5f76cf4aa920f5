"""Use cases of lessons learned."""

from uuid import UUID

from crm_contracts.closing.v1 import LessonRecorded, LessonUpdated, LessonWithdrawn
from crm_platform.http.fields import changes_of
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.uow import UnitOfWork
from project_svc.known_customers import service as known_customers
from project_svc.lessons.domain import Lesson
from project_svc.lessons.models import LESSONS
from project_svc.lessons.repository import of_project
from project_svc.lessons.schemas import LessonCreate, LessonUpdate
from project_svc.projects import service as projects

__all__ = ["Lesson", "of_project", "record_lesson", "update_lesson", "withdraw_lesson"]


async def record_lesson(unit: UnitOfWork, body: LessonCreate) -> Rendered:
    """Put on record what a project has taught, at any time of it and after.

    Raises:
        UnknownProject: There is none that the caller may see.
    """
    project = await projects.expect(unit, body.project_id)
    industry = body.industry or await known_customers.industry_of(unit, project.customer_id)
    lesson = Lesson(
        id=new_id(),
        customer_id=project.customer_id,
        template=project.template,
        **dict(body) | {"industry": industry},
    )
    return await unit.insert(LESSONS, lesson, LessonRecorded)


async def update_lesson(unit: UnitOfWork, id: UUID, body: LessonUpdate, *, if_match: object) -> Rendered:
    """Word a lesson anew; raises what `UnitOfWork.load` raises."""
    before = await unit.load(LESSONS, id, if_match=if_match)
    return await unit.update(LESSONS, before, before.with_(**changes_of(body)), LessonUpdated)


async def withdraw_lesson(unit: UnitOfWork, id: UUID, *, if_match: object) -> None:
    """Remove a lesson that does not hold; raises what `UnitOfWork.load` raises."""
    await unit.delete(LESSONS, await unit.load(LESSONS, id, if_match=if_match), LessonWithdrawn)
