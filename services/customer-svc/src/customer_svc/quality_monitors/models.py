"""Table of the monitors."""

from sqlalchemy import Boolean, Column, DateTime, Integer, Numeric, Table, Text, UniqueConstraint

from crm_contracts.quality.v1 import QualityDimension, QualityMonitorSnapshot
from crm_platform.db.schema import aggregate_table, one_of
from crm_platform.store import Aggregate
from customer_svc.metadata import METADATA
from customer_svc.quality_monitors.domain import NOUN, QualityMonitor

quality_monitors: Table = aggregate_table(
    "quality_monitors",
    METADATA,
    Column("name", Text, nullable=False),
    Column("dimension", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("degraded_below", Numeric(5, 2), nullable=False),
    Column("recovered_at", Numeric(5, 2), nullable=False),
    Column("least_records", Integer, nullable=False),
    Column("degraded", Boolean, nullable=False),
    Column("average", Numeric(5, 2)),
    Column("since", DateTime(timezone=True)),
    one_of("dimension", [dimension.value for dimension in QualityDimension]),
    UniqueConstraint("tenant_id", "name"),
)

QUALITY_MONITORS = Aggregate(
    name="quality_monitor",
    plural="quality-monitors",
    what=NOUN,
    table=quality_monitors,
    state=QualityMonitor,
    snapshot=QualityMonitorSnapshot,
    sort_by={"name": quality_monitors.c.name},
)
