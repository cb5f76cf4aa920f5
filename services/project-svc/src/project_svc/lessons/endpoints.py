"""Routes of lessons learned."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from project_svc.lessons import service
from project_svc.lessons.models import LESSONS
from project_svc.lessons.schemas import LessonCreate, LessonRead, LessonUpdate

router = service_router("Closing")


@router.get("/lessons", response_model=Page[LessonRead], **reads("projects:read", lists=LESSONS.resource))
async def list_lessons(request: Request, reader: ReaderDep) -> Response:
    """List the lessons of all projects of the company, also of those that the caller does not see.

    `q` searches their words, Chinese too; filter by `template`, `industry`, `customer_id`, `category` or `effect` for
    those that a new project may need.
    """
    return listed(await reader.page(LESSONS.resource, page_params(request, LESSONS.resource)))


@router.post("/lessons", response_model=LessonRead, **writes("projects:write", creates=True))
async def record_lesson(body: LessonCreate, unit: UnitOfWorkDep) -> Response:
    """Put on record what a project has taught, at any time; publishes `lesson.recorded`."""
    return created(await service.record_lesson(unit, body), "/v1/lessons")


@router.get("/lessons/{lesson_id}", response_model=LessonRead, **reads("projects:read"))
async def get_lesson(lesson_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one lesson."""
    return shown(request, await reader.get(LESSONS.resource, lesson_id))


@router.patch("/lessons/{lesson_id}", response_model=LessonRead, **writes("projects:write", versioned=True))
async def update_lesson(lesson_id: UUID, body: LessonUpdate, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Word a lesson anew (merge patch); publishes `lesson.updated`."""
    return changed(await service.update_lesson(unit, lesson_id, body, if_match=if_match))


@router.delete("/lessons/{lesson_id}", status_code=204, **writes("projects:write", versioned=True))
async def withdraw_lesson(lesson_id: UUID, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Remove a lesson that does not hold; closing reports that were made keep it. Publishes `lesson.withdrawn`."""
    await service.withdraw_lesson(unit, lesson_id, if_match=if_match)
    return Response(status_code=204)
