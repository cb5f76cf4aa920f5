"""The table of the subjects' keys, and the column of a table with sealed members."""

from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    Index,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    func,
    text,
)

from crm_platform.db.schema import new_metadata, tenant_table

SEALED = "sealed"
"""Name of the column that holds the sealed members of a row, all together."""


def subject_keys_table(metadata: MetaData) -> Table:
    """One data key per subject (a customer, a contact …), wrapped by a key of the settings.

    A destroyed key leaves its row behind, so that nobody gets another one for the same subject.
    """
    return tenant_table(
        "subject_keys",
        metadata,
        Column("subject_id", Uuid, nullable=False),
        Column("wrapped_key", LargeBinary, comment="NULL once destroyed."),
        Column("kek_id", Text, nullable=False, comment="The key of the settings that wraps it."),
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Column("destroyed_at", DateTime(timezone=True)),
        PrimaryKeyConstraint("tenant_id", "subject_id"),
        CheckConstraint("(wrapped_key IS NULL) = (destroyed_at IS NOT NULL)", name="destroyed"),
        Index("ix_subject_keys_kek", "kek_id", postgresql_where=text("wrapped_key IS NOT NULL")),
        across_tenants=True,
    )


def sealed_column() -> Column[Any]:
    """The column of an aggregate's table that holds its sealed members."""
    return Column(SEALED, LargeBinary)


SUBJECT_KEYS: Table = subject_keys_table(new_metadata())
"""For statements; each service that seals has the table in its own metadata."""
