"""Tables of the calendar feeds, of their secrets, and of what they may show."""

from sqlalchemy import ARRAY, Column, PrimaryKeyConstraint, Table, Text, Uuid

from crm_contracts.communication.v1 import CalendarFeedSnapshot
from crm_platform.calendar_feeds.domain import NOUN, CalendarFeed
from crm_platform.calendar_feeds.tables import feed_secrets_table, feeds_table
from crm_platform.db.schema import belongs_to, one_of, tenant_table
from crm_platform.store import Aggregate
from project_svc.metadata import METADATA

project_calendar_feeds: Table = feeds_table("project_calendar_feeds", METADATA)

project_calendar_feed_secrets: Table = feed_secrets_table(
    "project_calendar_feed_secrets", METADATA, feeds="project_calendar_feeds"
)

project_calendar_feed_rights: Table = tenant_table(
    "project_calendar_feed_rights",
    METADATA,
    Column("feed_id", Uuid, nullable=False),
    Column("visibility", Text, nullable=False),
    Column("team_ids", ARRAY(Uuid), nullable=False),
    Column("kinds", ARRAY(Text), nullable=False),
    one_of("visibility", ["own", "team", "all"]),
    PrimaryKeyConstraint("tenant_id", "feed_id"),
    belongs_to("feed_id", "project_calendar_feeds"),
)
"""What the owner could see when the address was made; as soon as that changes, the address is withdrawn."""

PROJECT_CALENDAR_FEEDS = Aggregate(
    name="project_calendar_feed",
    plural="project-calendar-feeds",
    what=NOUN,
    table=project_calendar_feeds,
    state=CalendarFeed,
    snapshot=CalendarFeedSnapshot,
)
