"""Table of the monitors, and how they are shown, filtered and sorted."""

from sqlalchemy import Column, DateTime, Index, Numeric, Table, Text, UniqueConstraint, Uuid

from crm_contracts.execution.v1 import MonitorLevel, MonitorSide, MonitorSnapshot
from crm_platform.db.schema import aggregate_table, belongs_to, one_of
from crm_platform.store import Aggregate
from project_svc.metadata import METADATA
from project_svc.monitors.domain import NOUN, Monitor

monitors: Table = aggregate_table(
    "monitors",
    METADATA,
    Column("project_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("metric", Text, nullable=False),
    Column("unit", Text),
    Column("bad", Text, nullable=False),
    *(Column(name, Numeric(20, 4), nullable=False) for name in ("warning", "critical", "margin")),
    Column("level", Text, nullable=False),
    Column("value", Numeric(20, 4)),
    Column("measured_at", DateTime(timezone=True)),
    Column("since", DateTime(timezone=True)),
    one_of("bad", [side.value for side in MonitorSide]),
    one_of("level", [level.value for level in MonitorLevel]),
    belongs_to("project_id", "projects"),
    UniqueConstraint("tenant_id", "project_id", "name"),
    Index(None, "tenant_id", "metric"),
    owned=True,
)

MONITORS = Aggregate(
    name="monitor",
    plural="monitors",
    what=NOUN,
    table=monitors,
    state=Monitor,
    snapshot=MonitorSnapshot,
    sort_by={"name": monitors.c.name},
)
