"""Use cases of calendar feeds."""

from typing import Final

from crm_contracts.communication.v1 import CalendarFeedCreated, CalendarFeedRevoked
from crm_platform.calendar_feeds.feeds import CalendarFeeds
from crm_platform.db import Database
from customer_svc.calendar_feeds.domain import Appointment, calendar
from customer_svc.calendar_feeds.models import CALENDAR_FEEDS, calendar_feed_secrets
from customer_svc.communications import service as communications

FEEDS: Final = CalendarFeeds(
    CALENDAR_FEEDS,
    calendar_feed_secrets,
    created=CalendarFeedCreated,
    revoked=CalendarFeedRevoked,
    path="calendars",
)


async def show_calendar(database: Database, name: str, secret: str) -> bytes:
    """The calendar behind an address.

    Raises:
        NotFound: There is no such address (any more), or the secret is another; nothing tells which.
    """
    place = FEEDS.place_of(name)
    async with database.read(place.tenant_id) as connection:
        feed = await FEEDS.open(connection, place, secret)
        open_ones = await communications.open_follow_ups(connection, feed.owner_id)
    return calendar([Appointment(*one) for one in open_ones], feed.language)
