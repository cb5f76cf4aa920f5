"""Routes of the calendars of project work."""

from typing import Annotated

from fastapi import Path, Query
from starlette.requests import Request
from starlette.responses import Response

from crm_platform.calendar_feeds.endpoints import feeds_router
from crm_platform.http.responses import subscribed
from crm_platform.http.route import public
from crm_platform.icalendars import MEDIA_TYPE
from crm_platform.runtime import runtime_of
from project_svc.work_feeds import service

router = feeds_router(service.FEEDS, "projects:read", create=service.create_feed)


@router.get("/project-calendars/{name}.ics", response_class=Response, **public(404))
async def show_project_calendar(
    request: Request,
    name: Annotated[str, Path(max_length=64)],
    secret: Annotated[str, Query(max_length=200)],
) -> Response:
    """What a person has to do in projects as iCalendar, for programs that send no Authorization header.

    The person's own tasks by the current schedule; of projects that they manage, own or work on also milestones,
    deliveries due, outcome reviews due and quality gates.
    """
    content = await service.show_calendar(runtime_of(request).database, name, secret)
    return subscribed(request, content, MEDIA_TYPE)
