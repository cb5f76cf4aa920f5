"""Table of the working calendars, and how they are shown, filtered and sorted."""

from sqlalchemy import Column, Index, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from crm_contracts.plan.v1 import WorkCalendarSnapshot
from crm_platform.db.schema import aggregate_table
from crm_platform.store import Aggregate
from project_svc.metadata import METADATA
from project_svc.work_calendars.domain import NOUN, WorkCalendar

work_calendars: Table = aggregate_table(
    "work_calendars",
    METADATA,
    Column("name", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("week", JSONB, nullable=False),
    Column("exceptions", JSONB, nullable=False),
    Column("country", Text),
    Column("subdivision", Text),
    Index(None, "tenant_id", "name", "id"),
)

WORK_CALENDARS = Aggregate(
    name="work_calendar",
    plural="work-calendars",
    what=NOUN,
    table=work_calendars,
    state=WorkCalendar,
    snapshot=WorkCalendarSnapshot,
    sort_by={"name": work_calendars.c.name},
)
