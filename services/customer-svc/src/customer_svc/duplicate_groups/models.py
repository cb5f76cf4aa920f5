"""Tables of the groups, and of the pairs that a scan has found so far."""

from sqlalchemy import ARRAY, Column, Double, Index, Integer, PrimaryKeyConstraint, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from crm_contracts.duplicate.v1 import DuplicateGroupSnapshot, DuplicateGroupStatus
from crm_platform.db.schema import aggregate_table, one_of, tenant_table
from crm_platform.store import Aggregate
from customer_svc.duplicate_groups.domain import NOUN, DuplicateGroup
from customer_svc.metadata import METADATA

duplicate_groups: Table = aggregate_table(
    "duplicate_groups",
    METADATA,
    Column("customer_ids", ARRAY(Uuid), nullable=False),
    Column("score", Integer, nullable=False),
    Column("pairs", JSONB, nullable=False),
    Column("status", Text, nullable=False),
    Column("merge_id", Uuid),
    one_of("status", [status.value for status in DuplicateGroupStatus]),
    Index(None, "tenant_id", "score", "id"),
    Index("uq_duplicate_groups_customers", "tenant_id", "customer_ids", unique=True),
)

duplicate_pairs: Table = tenant_table(
    "duplicate_pairs",
    METADATA,
    Column("operation_id", Uuid, nullable=False),
    Column("left_id", Uuid, nullable=False),
    Column("right_id", Uuid, nullable=False),
    Column("score", Double, nullable=False, comment="0 to 1."),
    Column("fields", ARRAY(Text), nullable=False),
    PrimaryKeyConstraint("tenant_id", "operation_id", "left_id", "right_id"),
)
"""What a scan has found; removed when it ends."""

DUPLICATE_GROUPS = Aggregate(
    name="duplicate_group",
    plural="duplicate-groups",
    what=NOUN,
    table=duplicate_groups,
    state=DuplicateGroup,
    snapshot=DuplicateGroupSnapshot,
    sort_by={"score": duplicate_groups.c.score},
    default_sort="-score",
)
