"""Use cases of the calendars of project work."""

import asyncio
from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

import orjson

from crm_contracts.execution.v1 import ProjectCalendarFeedCreated, ProjectCalendarFeedRevoked
from crm_platform.calendar_feeds.feeds import CalendarFeeds, Issued
from crm_platform.calendar_feeds.schemas import CalendarFeedCreate
from crm_platform.db import Database
from crm_platform.uow import UnitOfWork
from project_svc.schedules import service as schedules
from project_svc.work_feeds import repository
from project_svc.work_feeds.domain import Concern, Dates, calendar, kinds_for
from project_svc.work_feeds.models import PROJECT_CALENDAR_FEEDS, project_calendar_feed_secrets

FEEDS: Final = CalendarFeeds(
    PROJECT_CALENDAR_FEEDS,
    project_calendar_feed_secrets,
    created=ProjectCalendarFeedCreated,
    revoked=ProjectCalendarFeedRevoked,
    path="project-calendars",
)


async def create_feed(unit: UnitOfWork, body: CalendarFeedCreate) -> Issued:
    """Give a person an address for a calendar program, which shows no more than they may see now.

    Raises:
        CalendarOfNobody: The caller is a machine.
    """
    issued = await FEEDS.create(unit, body)
    await repository.store_rights(unit.connection, issued.feed.id, unit.caller, kinds_for(unit.caller))
    return issued


async def show_calendar(database: Database, name: str, secret: str) -> bytes:
    """The calendar behind an address.

    Raises:
        NotFound: There is no such address (any more), or the secret is another; nothing tells which.
    """
    place = FEEDS.place_of(name)
    async with database.read(place.tenant_id) as connection:
        feed = await FEEDS.open(connection, place, secret)
        rights = await repository.rights_of(connection, place.record_id)
        found = await repository.concerns(connection, feed.owner_id, rights)
    planned = sorted({one.project_id for one in found if one.on_day is None})
    documents = await schedules.documents_of(database, place.tenant_id, planned)
    return await asyncio.to_thread(_shown, found, documents.values(), feed.language)


def _shown(found: Iterable[Concern], documents: Iterable[bytes], language: str) -> bytes:
    return calendar(found, _dates(documents), language)


def _dates(documents: Iterable[bytes]) -> Dates:
    return {
        UUID(task["task_id"]): (datetime.fromisoformat(task["start"]), datetime.fromisoformat(task["finish"]))
        for body in documents
        for task in orjson.loads(body)["tasks"]
    }
