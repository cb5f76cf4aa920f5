"""Routes of calendar feeds."""

from typing import Annotated
from uuid import UUID

import orjson
from fastapi import Path, Query
from starlette.requests import Request
from starlette.responses import Response

from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.fields import Reason
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import public, reads, service_router, writes
from crm_platform.icalendars import MEDIA_TYPE
from crm_platform.reads import Rendered
from crm_platform.runtime import runtime_of
from crm_platform.sealing.members import splice
from customer_svc.calendar_feeds import service
from customer_svc.calendar_feeds.models import CALENDAR_FEEDS
from customer_svc.calendar_feeds.schemas import CalendarFeedCreate, CalendarFeedCreated, CalendarFeedRead

router = service_router("Calendar feeds")


@router.get(
    "/calendar-feeds",
    response_model=Page[CalendarFeedRead],
    **reads("communications:read", lists=CALENDAR_FEEDS.resource),
)
async def list_calendar_feeds(request: Request, reader: ReaderDep) -> Response:
    """List the addresses that calendar programs were given, without their secrets."""
    return listed(await reader.page(CALENDAR_FEEDS.resource, page_params(request, CALENDAR_FEEDS.resource)))


@router.post(
    "/calendar-feeds",
    response_model=CalendarFeedCreated,
    **writes("communications:read", creates=True, secret=True),
)
async def create_calendar_feed(body: CalendarFeedCreate, unit: UnitOfWorkDep) -> Response:
    """Make an address under which a calendar program fetches the caller's follow-ups; it is shown this once."""
    issued = await service.create_feed(unit, body)
    shown_once = orjson.dumps({"path": issued.path})
    record = Rendered(issued.feed.id, splice(issued.feed.body, shown_once), issued.feed.version)
    return created(record, "/v1/calendar-feeds")


@router.get("/calendar-feeds/{feed_id}", response_model=CalendarFeedRead, **reads("communications:read"))
async def get_calendar_feed(feed_id: UUID, request: Request, reader: ReaderDep) -> Response:
    """Show one address, without its secret."""
    return shown(request, await reader.get(CALENDAR_FEEDS.resource, feed_id))


@router.post(
    "/calendar-feeds/{feed_id}/revoke",
    response_model=CalendarFeedRead,
    **writes("communications:read", versioned=True),
)
async def revoke_calendar_feed(feed_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
    """Withdraw an address for good; publishes `calendar_feed.revoked`."""
    return changed(await service.revoke_feed(unit, feed_id, if_match=if_match, reason=body.reason))


@router.get("/calendars/{name}.ics", response_class=Response, **public(404))
async def show_calendar(
    request: Request,
    name: Annotated[str, Path(max_length=64)],
    secret: Annotated[str, Query(max_length=200)],
) -> Response:
    """The open follow-ups of a person as iCalendar, for programs that send no Authorization header."""
    content = await service.show_calendar(runtime_of(request).database, name, secret)
    return Response(content, headers={"cache-control": "private, max-age=300"}, media_type=MEDIA_TYPE)
