"""Table of people whose rights have changed."""

from sqlalchemy import Boolean, Column, DateTime, PrimaryKeyConstraint, Table, Uuid

from crm_platform.db.schema import tenant_table
from customer_svc.metadata import METADATA

requesters: Table = tenant_table(
    "requesters",
    METADATA,
    Column("user_id", Uuid, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False, comment="When roles, team or account last changed."),
    PrimaryKeyConstraint("tenant_id", "user_id"),
)
"""People of whom the gateway has told that they may do other things than before; who is not here, may do the same."""
