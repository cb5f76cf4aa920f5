"""Table of the audit trail."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from crm_platform.db.schema import tenant_table


def audit_table(metadata: MetaData) -> Table:
    """Every change of every aggregate: who, when, what before and after, why.

    ``seq``, ``previous_hash`` and ``hash`` are filled by the sealer; NULL means not sealed yet.
    """
    return tenant_table(
        "audit_entries",
        metadata,
        Column("id", BigInteger, Identity(always=True), nullable=False),
        Column("entry_id", Uuid, nullable=False, comment="The id of the event that tells of the same change."),
        Column("aggregate_type", Text, nullable=False),
        Column("aggregate_id", Uuid, nullable=False),
        Column("version", Integer, nullable=False),
        Column("action", Text, nullable=False),
        Column("actor", Text, nullable=False),
        Column("at", DateTime(timezone=True), nullable=False),
        Column("before", JSONB),
        Column("after", JSONB),
        Column("reason", Text),
        Column("correlation_id", Uuid, nullable=False),
        Column("seq", BigInteger),
        Column("previous_hash", LargeBinary),
        Column("hash", LargeBinary),
        PrimaryKeyConstraint("id"),
        Index(None, "tenant_id", "aggregate_type", "aggregate_id", "version"),
        Index("uq_audit_entries_chain", "tenant_id", "seq", unique=True, postgresql_where=text("seq IS NOT NULL")),
        Index("ix_audit_entries_unsealed", "id", postgresql_where=text("seq IS NULL")),
        across_tenants=True,
    )
