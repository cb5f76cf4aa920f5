"""Table of the consents as they were before merges."""

from sqlalchemy import Column, Integer, PrimaryKeyConstraint, Table, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from crm_platform.db.schema import tenant_table
from customer_svc.metadata import METADATA

merge_consents: Table = tenant_table(
    "merge_consents",
    METADATA,
    Column("merge_id", Uuid, nullable=False),
    Column("consent_id", Uuid, nullable=False),
    Column("content", JSONB, nullable=False, comment="The row as it was; its evidence is as sealed as it was there."),
    Column("version_after", Integer, nullable=False, comment="The version that the merge made."),
    PrimaryKeyConstraint("tenant_id", "merge_id", "consent_id"),
)
