"""Tables of the merges, and of what was before them."""

from typing import Any

from sqlalchemy import ARRAY, Boolean, Column, Index, Integer, PrimaryKeyConstraint, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from crm_contracts.duplicate.v1 import CustomerMergeSnapshot, MergeStatus
from crm_platform.db.schema import aggregate_table, one_of, tenant_table
from crm_platform.store import Aggregate
from customer_svc.customer_merges.domain import NOUN, CustomerMerge
from customer_svc.metadata import METADATA

customer_merges: Table = aggregate_table(
    "customer_merges",
    METADATA,
    Column("survivor_id", Uuid, nullable=False),
    Column("absorbed_ids", ARRAY(Uuid), nullable=False),
    Column("choices", JSONB, nullable=False),
    Column("status", Text, nullable=False),
    Column("moved", JSONB, nullable=False),
    Column("conflicts", JSONB, nullable=False),
    one_of("status", [status.value for status in MergeStatus]),
    Index(None, "tenant_id", "survivor_id"),
)


def _of_merge(name: str, *columns: Column[Any]) -> Table:
    key = PrimaryKeyConstraint("tenant_id", "merge_id", *[column.name for column in columns if not column.nullable])
    return tenant_table(name, METADATA, Column("merge_id", Uuid, nullable=False), *columns, key)


customers_before: Table = _of_merge(
    "merge_customers",
    Column("moment", Text, nullable=False, comment="`before` or `after` the merge."),
    Column("customer_id", Uuid, nullable=False),
    Column("content", JSONB, comment="The row as it was; personal data in it is as sealed as it was there."),
    Column("last_version", Integer, comment="With which the customer went; NULL for the one that stayed."),
)

links_before: Table = _of_merge(
    "merge_links",
    Column("contact_id", Uuid, nullable=False),
    Column("absorbed_id", Uuid, nullable=False),
    Column("absorbed_link", JSONB, comment="What the contact was at the customer that is gone."),
    Column("survivor_link", JSONB, comment="What it was at the survivor; NULL for nothing."),
    Column("merged_link", JSONB, comment="What it became there."),
    Column("at_survivor", Boolean, comment="Whether it was at the survivor too."),
)

CUSTOMER_MERGES = Aggregate(
    name="customer_merge",
    plural="customer-merges",
    what=NOUN,
    table=customer_merges,
    state=CustomerMerge,
    snapshot=CustomerMergeSnapshot,
)
