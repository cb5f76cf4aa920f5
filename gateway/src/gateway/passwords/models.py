"""Tables of the password hashes and of failed tries; neither is part of a user's state, events or audit."""

from sqlalchemy import (
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)

from crm_platform.db.schema import tenant_table
from gateway.metadata import METADATA

passwords: Table = tenant_table(
    "passwords",
    METADATA,
    Column("user_id", Uuid, nullable=False),
    Column("hash", Text, nullable=False, comment="Argon2id in PHC format."),
    PrimaryKeyConstraint("tenant_id", "user_id"),
    ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.id"]),
)

sign_in_tries: Table = tenant_table(
    "sign_in_tries",
    METADATA,
    Column("account", LargeBinary, nullable=False, comment="SHA-256 of the e-mail key, whether it exists or not."),
    Column("failures", Integer, nullable=False),
    Column("tried_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("tenant_id", "account"),
    Index(None, "tried_at"),
    across_tenants=True,
)
