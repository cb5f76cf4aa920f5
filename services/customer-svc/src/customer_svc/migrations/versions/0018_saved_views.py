"""Saved views."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand the schema; the running version must go on working."""
    op.create_table(
        "saved_views",
        sa.Column(
            "tenant_id",
            sa.Uuid(),
            server_default=sa.text("nullif(current_setting('crm.tenant_id', true), '')::uuid"),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False, comment="The list, such as `customers`."),
        sa.Column("filter", sa.Text(), nullable=True),
        sa.Column("sort", sa.Text(), nullable=True),
        sa.Column("columns", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("sharing", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("author_team_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("sharing IN ('private', 'team', 'all')", name=op.f("ck_saved_views_sharing")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_saved_views")),
    )
    op.execute("ALTER TABLE saved_views ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE saved_views FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON saved_views USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.create_index(
        op.f("ix_saved_views_tenant_id_created_at_id"), "saved_views", ["tenant_id", "created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_saved_views_tenant_id_updated_at_id"), "saved_views", ["tenant_id", "updated_at", "id"], unique=False
    )
    op.create_index("uq_saved_views_name", "saved_views", ["tenant_id", "author_id", "resource", "name"], unique=True)
