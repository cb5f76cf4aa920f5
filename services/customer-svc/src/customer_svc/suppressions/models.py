"""Table of the suppressions."""

from sqlalchemy import Column, DateTime, PrimaryKeyConstraint, Table, Text, Uuid

from crm_platform.db.schema import tenant_table
from customer_svc.metadata import METADATA

suppressions: Table = tenant_table(
    "suppressions",
    METADATA,
    Column("kind", Text, nullable=False),
    Column("key", Uuid, nullable=False, comment="A keyed hash: nobody can read from it whom it is about."),
    Column("erased_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("tenant_id", "kind", "key"),
)
