"""Requirements of customers."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand the schema; the running version must go on working."""
    op.create_table(
        "requirement_counters",
        sa.Column(
            "tenant_id",
            sa.Uuid(),
            server_default=sa.text("nullif(current_setting('crm.tenant_id', true), '')::uuid"),
            nullable=False,
        ),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False, comment="The last number of the year that was given out."),
        sa.PrimaryKeyConstraint("tenant_id", "year", name=op.f("pk_requirement_counters")),
        info={"tenant": True, "across_tenants": False},
    )
    op.execute("ALTER TABLE requirement_counters ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE requirement_counters FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON requirement_counters USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.create_table(
        "requirements",
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
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("communication_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("in_scope", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("out_of_scope", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("status_reason", sa.Text(), nullable=True),
        sa.Column("hand_overs", sa.Integer(), nullable=False),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("delivery_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('function', 'performance', 'integration', 'data', 'service', 'compliance', 'other')",
            name=op.f("ck_requirements_kind"),
        ),
        sa.CheckConstraint("priority IN ('must', 'should', 'could', 'wont')", name=op.f("ck_requirements_priority")),
        sa.CheckConstraint(
            "status IN ('collected', 'analysed', 'confirmed', 'planned', 'delivered', 'rejected')",
            name=op.f("ck_requirements_status"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "communication_id"],
            ["communications.tenant_id", "communications.id"],
            name=op.f("fk_requirements_tenant_id_communication_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers.tenant_id", "customers.id"],
            name=op.f("fk_requirements_tenant_id_customer_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_requirements")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_requirements_tenant_id_number")),
        info={"tenant": True, "across_tenants": False},
    )
    op.execute("ALTER TABLE requirements ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE requirements FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON requirements USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.create_index(
        op.f("ix_requirements_tenant_id_communication_id"),
        "requirements",
        ["tenant_id", "communication_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_requirements_tenant_id_created_at_id"), "requirements", ["tenant_id", "created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_requirements_tenant_id_customer_id"), "requirements", ["tenant_id", "customer_id"], unique=False
    )
    op.create_index(op.f("ix_requirements_tenant_id_owner_id"), "requirements", ["tenant_id", "owner_id"], unique=False)
    op.create_index(
        op.f("ix_requirements_tenant_id_updated_at_id"), "requirements", ["tenant_id", "updated_at", "id"], unique=False
    )
