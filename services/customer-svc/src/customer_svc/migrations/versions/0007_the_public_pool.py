"""The public pool."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand the schema; the running version must go on working."""
    op.create_table(
        "pool_claims",
        sa.Column(
            "tenant_id",
            sa.Uuid(),
            server_default=sa.text("nullif(current_setting('crm.tenant_id', true), '')::uuid"),
            nullable=False,
        ),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False, comment="Where the rule's people work."),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "person_id", "day", name=op.f("pk_pool_claims")),
        info={"tenant": True, "across_tenants": False},
    )
    op.execute("ALTER TABLE pool_claims ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE pool_claims FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON pool_claims USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.create_table(
        "pool_rules",
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
        sa.Column("team_id", sa.Uuid(), nullable=True, comment="NULL for everybody whose team has no rule of its own."),
        sa.Column("max_owned", sa.Integer(), nullable=True),
        sa.Column("max_claims_per_day", sa.Integer(), nullable=True),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("return_after_days", sa.Integer(), nullable=True),
        sa.Column("return_statuses", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("hidden", sa.ARRAY(sa.Text()), nullable=True, comment="NULL for what is hidden by default."),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_pool_rules")),
        info={"tenant": True, "across_tenants": False},
    )
    op.execute("ALTER TABLE pool_rules ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE pool_rules FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON pool_rules USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.create_index(
        op.f("ix_pool_rules_tenant_id_created_at_id"), "pool_rules", ["tenant_id", "created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_pool_rules_tenant_id_updated_at_id"), "pool_rules", ["tenant_id", "updated_at", "id"], unique=False
    )
    op.create_index(
        "uq_pool_rules_team", "pool_rules", ["tenant_id", "team_id"], unique=True, postgresql_nulls_not_distinct=True
    )
    op.add_column("customers", sa.Column("owner_since", sa.DateTime(timezone=True), nullable=True))
