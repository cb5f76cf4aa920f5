"""Tables of the second factors; the secrets in them are encrypted."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKeyConstraint,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Uuid,
)

from crm_platform.db.schema import tenant_table
from gateway.metadata import METADATA

second_factors: Table = tenant_table(
    "second_factors",
    METADATA,
    Column("user_id", Uuid, nullable=False),
    Column("sealed_secret", LargeBinary, nullable=False),
    Column("confirmed_at", DateTime(timezone=True), comment="Null: the phone has not proved that it knows it."),
    Column("last_step", BigInteger, nullable=False, comment="Of the last accepted code; none is accepted twice."),
    PrimaryKeyConstraint("tenant_id", "user_id"),
    ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.id"]),
)

recovery_codes: Table = tenant_table(
    "recovery_codes",
    METADATA,
    Column("user_id", Uuid, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False, comment="HMAC-SHA256 of the code."),
    Column("used_at", DateTime(timezone=True)),
    PrimaryKeyConstraint("tenant_id", "user_id", "fingerprint"),
    ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.id"]),
)
