"""Calendars of project work: their addresses, secrets, and what they may show."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_TENANT = "nullif(current_setting('crm.tenant_id', true), '')::uuid"
_POLICY = f"(tenant_id = (SELECT {_TENANT}))"


def upgrade() -> None:
    """Expand the schema; the running version must go on working."""
    op.create_table(
        "project_calendar_feeds",
        sa.Column("tenant_id", sa.Uuid(), server_default=sa.text(_TENANT), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_project_calendar_feeds")),
    )
    for name, columns in (
        ("ix_project_calendar_feeds_tenant_id_created_at_id", ["tenant_id", "created_at", "id"]),
        ("ix_project_calendar_feeds_tenant_id_updated_at_id", ["tenant_id", "updated_at", "id"]),
        ("ix_project_calendar_feeds_tenant_id_owner_id", ["tenant_id", "owner_id"]),
    ):
        op.create_index(op.f(name), "project_calendar_feeds", columns, unique=False)
    op.create_index(
        "ix_project_calendar_feeds_usable",
        "project_calendar_feeds",
        ["tenant_id", "owner_id"],
        unique=False,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "project_calendar_feed_secrets",
        sa.Column("tenant_id", sa.Uuid(), server_default=sa.text(_TENANT), nullable=False),
        sa.Column("feed_id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of the secret."),
        sa.ForeignKeyConstraint(
            ["tenant_id", "feed_id"],
            ["project_calendar_feeds.tenant_id", "project_calendar_feeds.id"],
            name=op.f("fk_project_calendar_feed_secrets_tenant_id_feed_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "feed_id", name=op.f("pk_project_calendar_feed_secrets")),
    )
    op.create_table(
        "project_calendar_feed_rights",
        sa.Column("tenant_id", sa.Uuid(), server_default=sa.text(_TENANT), nullable=False),
        sa.Column("feed_id", sa.Uuid(), nullable=False),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column("team_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("kinds", sa.ARRAY(sa.Text()), nullable=False),
        sa.CheckConstraint(
            "visibility IN ('own', 'team', 'all')", name=op.f("ck_project_calendar_feed_rights_visibility")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "feed_id"],
            ["project_calendar_feeds.tenant_id", "project_calendar_feeds.id"],
            name=op.f("fk_project_calendar_feed_rights_tenant_id_feed_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "feed_id", name=op.f("pk_project_calendar_feed_rights")),
    )
    for table in ("project_calendar_feeds", "project_calendar_feed_secrets", "project_calendar_feed_rights"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING {_POLICY} WITH CHECK {_POLICY}")
