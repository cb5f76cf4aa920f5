"""Routes of the working calendars."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from project_svc.work_calendars import service
from project_svc.work_calendars.models import WORK_CALENDARS
from project_svc.work_calendars.schemas import WorkCalendarCreate, WorkCalendarRead, WorkCalendarUpdate

router = service_router("Working calendars")


@router.get(
    "/work-calendars",
    response_model=Page[WorkCalendarRead],
    **reads("resources:read", lists=WORK_CALENDARS.resource),
)
async def list_work_calendars(request: Request, reader: ReaderDep) -> Response:
    """List the working calendars."""
    return listed(await reader.page(WORK_CALENDARS.resource, page_params(request, WORK_CALENDARS.resource)))


@router.post("/work-calendars", response_model=WorkCalendarRead, **writes("resources:write", creates=True))
async def create_work_calendar(body: WorkCalendarCreate, unit: UnitOfWorkDep) -> Response:
    """Define a working calendar, of a project, a person or a machine; publishes `work_calendar.created`.

    With `country` its public holidays are free. China's make-up working days are worked, as far as the State Council
    has announced them; later years know the statutory days alone.
    """
    return created(await service.create_calendar(unit, body), "/v1/work-calendars")


@router.get("/work-calendars/{calendar_id}", response_model=WorkCalendarRead, **reads("resources:read"))
async def get_work_calendar(calendar_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one working calendar."""
    return shown(request, await reader.get(WORK_CALENDARS.resource, calendar_id))


@router.patch(
    "/work-calendars/{calendar_id}", response_model=WorkCalendarRead, **writes("resources:write", versioned=True)
)
async def update_work_calendar(
    calendar_id: UUID, body: WorkCalendarUpdate, unit: UnitOfWorkDep, if_match: IfMatch
) -> Response:
    """Change a working calendar (merge patch), and with it all dates that follow; publishes `work_calendar.updated`."""
    return changed(await service.update_calendar(unit, calendar_id, body, if_match=if_match))
