"""Table of the timesheets, and how they are shown, filtered and sorted."""

from sqlalchemy import Column, Date, DateTime, Index, Integer, Table, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from crm_contracts.execution.v1 import TimesheetSnapshot, TimesheetStatus
from crm_platform.db.schema import aggregate_table, one_of
from crm_platform.store import Aggregate
from project_svc.metadata import METADATA
from project_svc.timesheets.domain import NOUN, Timesheet

timesheets: Table = aggregate_table(
    "timesheets",
    METADATA,
    Column("user_id", Uuid, nullable=False),
    Column("week_starts_on", Date, nullable=False),
    Column("status", Text, nullable=False),
    Column("entries", JSONB, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("submitted_at", DateTime(timezone=True)),
    Column("decided_at", DateTime(timezone=True)),
    Column("decided_by", Text),
    one_of("status", [status.value for status in TimesheetStatus]),
    UniqueConstraint("tenant_id", "user_id", "week_starts_on"),
    Index(None, "tenant_id", "status", "week_starts_on"),
    owned=True,
)

TIMESHEETS = Aggregate(
    name="timesheet",
    plural="timesheets",
    what=NOUN,
    table=timesheets,
    state=Timesheet,
    snapshot=TimesheetSnapshot,
    sort_by={"week_starts_on": timesheets.c.week_starts_on},
)
