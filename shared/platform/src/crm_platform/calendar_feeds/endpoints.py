"""Routes of calendar feeds, for every service that has some."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias
from uuid import UUID

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from crm_platform.calendar_feeds.feeds import CalendarFeeds, Issued
from crm_platform.calendar_feeds.schemas import CalendarFeedCreate, CalendarFeedCreated, CalendarFeedRead
from crm_platform.http.dependencies import IfMatch, ReaderDep, UnitOfWorkDep, page_params
from crm_platform.http.fields import Reason
from crm_platform.http.lists import Page
from crm_platform.http.responses import changed, created, listed, shown
from crm_platform.http.route import reads, service_router, writes
from crm_platform.reads import Rendered
from crm_platform.sealing.members import splice
from crm_platform.uow import UnitOfWork

_Create: TypeAlias = Callable[[UnitOfWork, CalendarFeedCreate], Awaitable[Issued]]


def feeds_router(feeds: CalendarFeeds, scope: str, *, create: _Create | None = None) -> APIRouter:
    """The routes under ``/v1/<plural of the aggregate>``.

    Args:
        feeds: Of the service.
        scope: What a caller must hold who has such a calendar.
        create: Makes one, where there is more to it than :meth:`CalendarFeeds.create`.
    """
    router = service_router(feeds.aggregate.resource.name.replace("-", " ").capitalize())
    _add_reads(router, feeds, scope)
    _add_create(router, feeds, scope, create or feeds.create)
    _add_revoke(router, feeds, scope)
    return router


def _add_reads(router: APIRouter, feeds: CalendarFeeds, scope: str) -> None:
    resource, collection, noun = (
        feeds.aggregate.resource,
        f"/{feeds.aggregate.resource.name}",
        feeds.aggregate.spec.name,
    )

    @router.get(
        collection,
        name=f"list_{noun}s",
        response_model=Page[CalendarFeedRead],
        **reads(scope, lists=resource),
    )
    async def list_feeds(request: Request, reader: ReaderDep) -> Response:
        """List the addresses that calendar programs were given, without their secrets."""
        return listed(await reader.page(resource, page_params(request, resource)))

    @router.get(f"{collection}/{{feed_id}}", name=f"get_{noun}", response_model=CalendarFeedRead, **reads(scope))
    async def get_feed(feed_id: UUID, request: Request, reader: ReaderDep) -> Response:
        """Show one address, without its secret."""
        return shown(request, await reader.get(resource, feed_id))


def _add_create(router: APIRouter, feeds: CalendarFeeds, scope: str, create: _Create) -> None:
    collection, noun = f"/{feeds.aggregate.resource.name}", feeds.aggregate.spec.name

    @router.post(
        collection,
        name=f"create_{noun}",
        response_model=CalendarFeedCreated,
        **writes(scope, creates=True, secret=True),
    )
    async def create_feed(body: CalendarFeedCreate, unit: UnitOfWorkDep) -> Response:
        """Make an address under which a calendar program fetches what concerns the caller; it is shown this once."""
        issued = await create(unit, body)
        shown_once = orjson.dumps({"path": issued.path})
        record = Rendered(issued.feed.id, splice(issued.feed.body, shown_once), issued.feed.version)
        return created(record, f"/v1{collection}")


def _add_revoke(router: APIRouter, feeds: CalendarFeeds, scope: str) -> None:
    @router.post(
        f"/{feeds.aggregate.resource.name}/{{feed_id}}/revoke",
        name=f"revoke_{feeds.aggregate.spec.name}",
        response_model=CalendarFeedRead,
        **writes(scope, versioned=True),
    )
    async def revoke_feed(feed_id: UUID, body: Reason, unit: UnitOfWorkDep, if_match: IfMatch) -> Response:
        """Withdraw an address for good, which is published."""
        return changed(await feeds.revoke(unit, feed_id, if_match=if_match, reason=body.reason))
