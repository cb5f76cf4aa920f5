"""Table of the schedules that optimisations have found."""

from sqlalchemy import Column, DateTime, Integer, PrimaryKeyConstraint, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from crm_platform.db.schema import belongs_to, tenant_table
from project_svc.metadata import METADATA

optimised_schedules: Table = tenant_table(
    "optimised_schedules",
    METADATA,
    Column("project_id", Uuid, nullable=False),
    Column("operation_id", Uuid, nullable=False),
    Column("plan_revision", Integer, nullable=False),
    Column("stamp", Text, nullable=False),
    Column("found_at", DateTime(timezone=True), nullable=False),
    Column("body", JSONB, nullable=False),
    PrimaryKeyConstraint("tenant_id", "project_id"),
    belongs_to("project_id", "projects"),
)
"""Of each project the one that was found last; `stamp` tells whether what it was made of has changed since."""
