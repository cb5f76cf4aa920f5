"""Tables of the calendar feeds and of their secrets."""

from sqlalchemy import Column, DateTime, Index, LargeBinary, PrimaryKeyConstraint, Table, Text, Uuid, text

from crm_contracts.communication.v1 import CalendarFeedSnapshot
from crm_platform.db.schema import aggregate_table, belongs_to, tenant_table
from crm_platform.store import Aggregate
from customer_svc.calendar_feeds.domain import NOUN, CalendarFeed
from customer_svc.metadata import METADATA

calendar_feeds: Table = aggregate_table(
    "calendar_feeds",
    METADATA,
    Column("label", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("revoked_at", DateTime(timezone=True)),
    Index("ix_calendar_feeds_usable", "tenant_id", "owner_id", postgresql_where=text("revoked_at IS NULL")),
    owned=True,
)

calendar_feed_secrets: Table = tenant_table(
    "calendar_feed_secrets",
    METADATA,
    Column("feed_id", Uuid, nullable=False),
    Column("hash", LargeBinary, nullable=False, comment="SHA-256 of the secret."),
    PrimaryKeyConstraint("tenant_id", "feed_id"),
    belongs_to("feed_id", "calendar_feeds"),
)

CALENDAR_FEEDS = Aggregate(
    name="calendar_feed",
    plural="calendar-feeds",
    what=NOUN,
    table=calendar_feeds,
    state=CalendarFeed,
    snapshot=CalendarFeedSnapshot,
)
