"""Merged customers."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand the schema; the running version must go on working."""
    op.create_table(
        "merge_moves",
        sa.Column(
            "tenant_id",
            sa.Uuid(),
            server_default=sa.text("nullif(current_setting('crm.tenant_id', true), '')::uuid"),
            nullable=False,
        ),
        sa.Column("merge_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("old_id", sa.Uuid(), nullable=False),
        sa.Column("new_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "merge_id", "kind", "record_id", "old_id", name=op.f("pk_merge_moves")),
    )
    op.execute("ALTER TABLE merge_moves ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE merge_moves FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON merge_moves USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.create_table(
        "merged_customers",
        sa.Column(
            "tenant_id",
            sa.Uuid(),
            server_default=sa.text("nullif(current_setting('crm.tenant_id', true), '')::uuid"),
            nullable=False,
        ),
        sa.Column("old_id", sa.Uuid(), nullable=False),
        sa.Column("new_id", sa.Uuid(), nullable=False),
        sa.Column("merge_id", sa.Uuid(), nullable=False, comment="Ordered by time."),
        sa.PrimaryKeyConstraint("tenant_id", "old_id", "merge_id", name=op.f("pk_merged_customers")),
    )
    op.execute("ALTER TABLE merged_customers ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE merged_customers FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON merged_customers USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.create_index(
        op.f("ix_merged_customers_tenant_id_merge_id"), "merged_customers", ["tenant_id", "merge_id"], unique=False
    )
    op.create_index(
        op.f("ix_merged_customers_tenant_id_new_id"), "merged_customers", ["tenant_id", "new_id"], unique=False
    )
