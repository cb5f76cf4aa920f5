"""Tables of the segment snapshots."""

from sqlalchemy import Column, DateTime, Index, Integer, PrimaryKeyConstraint, Table, Text, Uuid, bindparam, select

from crm_contracts.segment.v1 import FrozenSegmentSnapshot
from crm_platform.db.schema import aggregate_table, tenant_table
from crm_platform.store import Aggregate
from customer_svc.customers import service as customers
from customer_svc.metadata import METADATA
from customer_svc.segment_snapshots.domain import NOUN, FrozenSegment

segment_snapshots: Table = aggregate_table(
    "segment_snapshots",
    METADATA,
    Column("segment_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("expression", Text, nullable=False),
    Column("taken_at", DateTime(timezone=True), nullable=False),
    Column("members", Integer, nullable=False),
    Index(None, "tenant_id", "segment_id"),
)

segment_snapshot_members: Table = tenant_table(
    "segment_snapshot_members",
    METADATA,
    Column("snapshot_id", Uuid, nullable=False),
    Column("customer_id", Uuid, nullable=False),
    PrimaryKeyConstraint("tenant_id", "snapshot_id", "customer_id"),
)

SEGMENT_SNAPSHOTS = Aggregate(
    name="segment_snapshot",
    plural="segment-snapshots",
    what=NOUN,
    table=segment_snapshots,
    state=FrozenSegment,
    snapshot=FrozenSegmentSnapshot,
    sort_by={"taken_at": segment_snapshots.c.taken_at},
    default_sort="-taken_at",
)

_CUSTOMERS = customers.RESOURCE.table

OF_SNAPSHOT = (
    select(segment_snapshot_members.c.customer_id)
    .where(
        segment_snapshot_members.c.snapshot_id == bindparam("snapshot_id", type_=Uuid),
        segment_snapshot_members.c.customer_id == _CUSTOMERS.c.id,
    )
    .correlate(_CUSTOMERS)
    .exists()
)
"""Condition of a list of customers: those in one snapshot."""
