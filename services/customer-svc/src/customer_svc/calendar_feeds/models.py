"""Tables of the calendar feeds and of their secrets."""

from sqlalchemy import Table

from crm_contracts.communication.v1 import CalendarFeedSnapshot
from crm_platform.calendar_feeds.domain import NOUN, CalendarFeed
from crm_platform.calendar_feeds.tables import feed_secrets_table, feeds_table
from crm_platform.store import Aggregate
from customer_svc.metadata import METADATA

calendar_feeds: Table = feeds_table("calendar_feeds", METADATA)

calendar_feed_secrets: Table = feed_secrets_table("calendar_feed_secrets", METADATA, feeds="calendar_feeds")

CALENDAR_FEEDS = Aggregate(
    name="calendar_feed",
    plural="calendar-feeds",
    what=NOUN,
    table=calendar_feeds,
    state=CalendarFeed,
    snapshot=CalendarFeedSnapshot,
)
