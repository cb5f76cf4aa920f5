"""Sealed personal data of customers."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand the schema; the running version must go on working."""
    op.create_table(
        "customer_keys",
        sa.Column(
            "tenant_id",
            sa.Uuid(),
            server_default=sa.text("nullif(current_setting('crm.tenant_id', true), '')::uuid"),
            nullable=False,
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "kind", "key", "record_id", name=op.f("pk_customer_keys")),
        info={"tenant": True, "across_tenants": False},
    )
    op.execute("ALTER TABLE customer_keys ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE customer_keys FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON customer_keys USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.create_index(
        op.f("ix_customer_keys_tenant_id_record_id"), "customer_keys", ["tenant_id", "record_id"], unique=False
    )
    op.add_column("customers", sa.Column("sealed", sa.LargeBinary(), nullable=True))
