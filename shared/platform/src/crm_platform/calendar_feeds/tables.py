"""Tables of a service's calendar feeds and of their secrets."""

from sqlalchemy import Column, DateTime, Index, LargeBinary, MetaData, PrimaryKeyConstraint, Table, Text, Uuid, text

from crm_platform.db.schema import aggregate_table, belongs_to, tenant_table


def feeds_table(name: str, metadata: MetaData) -> Table:
    """The addresses, without what opens them."""
    return aggregate_table(
        name,
        metadata,
        Column("label", Text, nullable=False),
        Column("language", Text, nullable=False),
        Column("revoked_at", DateTime(timezone=True)),
        Index(f"ix_{name}_usable", "tenant_id", "owner_id", postgresql_where=text("revoked_at IS NULL")),
        owned=True,
    )


def feed_secrets_table(name: str, metadata: MetaData, *, feeds: str) -> Table:
    """What is kept of the secrets of the addresses in ``feeds``."""
    return tenant_table(
        name,
        metadata,
        Column("feed_id", Uuid, nullable=False),
        Column("hash", LargeBinary, nullable=False, comment="SHA-256 of the secret."),
        PrimaryKeyConstraint("tenant_id", "feed_id"),
        belongs_to("feed_id", feeds),
    )
