"""Table of the known customers."""

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, Table, Text, Uuid

from crm_platform.db.schema import tenant_table
from sales_svc.metadata import METADATA

known_customers: Table = tenant_table(
    "known_customers",
    METADATA,
    Column("id", Uuid, nullable=False),
    Column("version", Integer, nullable=False, comment="The customer's version that this copy shows."),
    Column("name", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("owner_id", Uuid),
    Column("team_id", Uuid),
    PrimaryKeyConstraint("tenant_id", "id"),
    Index(None, "tenant_id", "owner_id"),
)
