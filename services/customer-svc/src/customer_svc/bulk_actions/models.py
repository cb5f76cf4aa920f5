"""Table of the customers that bulk actions are about."""

from sqlalchemy import Column, Integer, PrimaryKeyConstraint, Table, Uuid

from crm_platform.db.schema import tenant_table
from customer_svc.metadata import METADATA

bulk_targets: Table = tenant_table(
    "bulk_targets",
    METADATA,
    Column("operation_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False, comment="From 1."),
    Column("customer_id", Uuid, nullable=False),
    PrimaryKeyConstraint("tenant_id", "operation_id", "number"),
)
"""Kept aside, as what an operation is to do is shown with it; removed when it ends."""
