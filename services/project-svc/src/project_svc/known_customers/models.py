"""Table of the known customers."""

from sqlalchemy import Column, Integer, PrimaryKeyConstraint, Table, Text, Uuid

from crm_platform.db.schema import tenant_table
from project_svc.metadata import METADATA

known_customers: Table = tenant_table(
    "known_customers",
    METADATA,
    Column("id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("name", Text, comment="NULL once the customer was deleted; the version stays to tell late events."),
    PrimaryKeyConstraint("tenant_id", "id"),
)
