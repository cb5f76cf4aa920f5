"""Tables of what is tried: rows stand in them as long as a dry run goes on."""

from sqlalchemy import Column, LargeBinary, PrimaryKeyConstraint, Table, Text, Uuid

from crm_platform.db.schema import tenant_table
from customer_svc.metadata import METADATA

trial_records: Table = tenant_table(
    "trial_records",
    METADATA,
    Column("trial_id", Uuid, nullable=False),
    Column("record_id", Uuid, nullable=False),
    Column("kek_id", Text, nullable=False),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("tenant_id", "trial_id", "record_id"),
)
"""What is compared of each record that a trial would enter or change, sealed."""

trial_keys: Table = tenant_table(
    "trial_keys",
    METADATA,
    Column("trial_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("key", Uuid, nullable=False),
    Column("record_id", Uuid, nullable=False),
    PrimaryKeyConstraint("tenant_id", "trial_id", "kind", "key", "record_id"),
)
"""Under which blind keys these records would be filed."""
