"""Targets of bulk actions."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_TENANT = "nullif(current_setting('crm.tenant_id', true), '')::uuid"
_POLICY = f"(tenant_id = (SELECT {_TENANT}))"


def upgrade() -> None:
    """Expand the schema; the running version must go on working."""
    op.create_table(
        "bulk_targets",
        sa.Column("tenant_id", sa.Uuid(), server_default=sa.text(_TENANT), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="From 1."),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "operation_id", "number", name=op.f("pk_bulk_targets")),
        info={"tenant": True, "across_tenants": False},
    )
    op.execute("ALTER TABLE bulk_targets ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE bulk_targets FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON bulk_targets USING {_POLICY} WITH CHECK {_POLICY}")
