"""Segments, their members and snapshots, and the facts that they read."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand the schema; the running version must go on working."""
    op.create_table(
        "customer_facts",
        sa.Column(
            "tenant_id",
            sa.Uuid(),
            server_default=sa.text("nullif(current_setting('crm.tenant_id', true), '')::uuid"),
            nullable=False,
        ),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("orders", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_order_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("orders_value_amount", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("orders_value_currency", sa.CHAR(length=3), nullable=True),
        sa.Column("open_opportunities", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("open_tickets", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("surveys_answered", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("satisfaction", sa.Numeric(precision=3, scale=2), nullable=True),
        sa.Column("last_communication_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "customer_id", name=op.f("pk_customer_facts")),
        info={"tenant": True, "across_tenants": False},
    )
    op.execute("ALTER TABLE customer_facts ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE customer_facts FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON customer_facts USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.create_table(
        "known_opportunities",
        sa.Column(
            "tenant_id",
            sa.Uuid(),
            server_default=sa.text("nullif(current_setting('crm.tenant_id', true), '')::uuid"),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="The record's version that this copy shows."),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_known_opportunities")),
        info={"tenant": True, "across_tenants": False},
    )
    op.execute("ALTER TABLE known_opportunities ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE known_opportunities FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON known_opportunities USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.create_index(
        op.f("ix_known_opportunities_tenant_id_customer_id"),
        "known_opportunities",
        ["tenant_id", "customer_id"],
        unique=False,
    )
    op.create_table(
        "known_orders",
        sa.Column(
            "tenant_id",
            sa.Uuid(),
            server_default=sa.text("nullif(current_setting('crm.tenant_id', true), '')::uuid"),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="The record's version that this copy shows."),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("ordered_on", sa.Date(), nullable=False),
        sa.Column("total_amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("total_currency", sa.CHAR(length=3), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_known_orders")),
        info={"tenant": True, "across_tenants": False},
    )
    op.execute("ALTER TABLE known_orders ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE known_orders FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON known_orders USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.create_index(
        op.f("ix_known_orders_tenant_id_customer_id"), "known_orders", ["tenant_id", "customer_id"], unique=False
    )
    op.create_table(
        "known_surveys",
        sa.Column(
            "tenant_id",
            sa.Uuid(),
            server_default=sa.text("nullif(current_setting('crm.tenant_id', true), '')::uuid"),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="The record's version that this copy shows."),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_known_surveys")),
        info={"tenant": True, "across_tenants": False},
    )
    op.execute("ALTER TABLE known_surveys ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE known_surveys FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON known_surveys USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.create_index(
        op.f("ix_known_surveys_tenant_id_customer_id"), "known_surveys", ["tenant_id", "customer_id"], unique=False
    )
    op.create_table(
        "known_tickets",
        sa.Column(
            "tenant_id",
            sa.Uuid(),
            server_default=sa.text("nullif(current_setting('crm.tenant_id', true), '')::uuid"),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="The record's version that this copy shows."),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_known_tickets")),
        info={"tenant": True, "across_tenants": False},
    )
    op.execute("ALTER TABLE known_tickets ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE known_tickets FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON known_tickets USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.create_index(
        op.f("ix_known_tickets_tenant_id_customer_id"), "known_tickets", ["tenant_id", "customer_id"], unique=False
    )
    op.create_table(
        "segment_snapshot_members",
        sa.Column(
            "tenant_id",
            sa.Uuid(),
            server_default=sa.text("nullif(current_setting('crm.tenant_id', true), '')::uuid"),
            nullable=False,
        ),
        sa.Column("snapshot_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "snapshot_id", "customer_id", name=op.f("pk_segment_snapshot_members")),
        info={"tenant": True, "across_tenants": False},
    )
    op.execute("ALTER TABLE segment_snapshot_members ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE segment_snapshot_members FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON segment_snapshot_members USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.create_table(
        "segment_snapshots",
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
        sa.Column("segment_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("expression", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_segment_snapshots")),
        info={"tenant": True, "across_tenants": False},
    )
    op.execute("ALTER TABLE segment_snapshots ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE segment_snapshots FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON segment_snapshots USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.create_index(
        op.f("ix_segment_snapshots_tenant_id_created_at_id"),
        "segment_snapshots",
        ["tenant_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_segment_snapshots_tenant_id_segment_id"),
        "segment_snapshots",
        ["tenant_id", "segment_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_segment_snapshots_tenant_id_updated_at_id"),
        "segment_snapshots",
        ["tenant_id", "updated_at", "id"],
        unique=False,
    )
    op.create_table(
        "segment_watches",
        sa.Column(
            "tenant_id",
            sa.Uuid(),
            server_default=sa.text("nullif(current_setting('crm.tenant_id', true), '')::uuid"),
            nullable=False,
        ),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("look_again_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "customer_id", name=op.f("pk_segment_watches")),
        info={"tenant": True, "across_tenants": False},
    )
    op.execute("ALTER TABLE segment_watches ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE segment_watches FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON segment_watches USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.create_index(
        op.f("ix_segment_watches_tenant_id_look_again_at"),
        "segment_watches",
        ["tenant_id", "look_again_at"],
        unique=False,
    )
    op.create_table(
        "segments",
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
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("expression", sa.Text(), nullable=False),
        sa.Column("definition", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("evaluated_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('evaluating', 'current')", name=op.f("ck_segments_status")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_segments")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_segments_tenant_id_name")),
        info={"tenant": True, "across_tenants": False},
    )
    op.execute("ALTER TABLE segments ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE segments FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON segments USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.create_index(
        op.f("ix_segments_tenant_id_created_at_id"), "segments", ["tenant_id", "created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_segments_tenant_id_updated_at_id"), "segments", ["tenant_id", "updated_at", "id"], unique=False
    )
    op.create_table(
        "segment_members",
        sa.Column(
            "tenant_id",
            sa.Uuid(),
            server_default=sa.text("nullif(current_setting('crm.tenant_id', true), '')::uuid"),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False, comment="Computed from segment and customer."),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.Column("segment_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("member", sa.Boolean(), nullable=False, comment="False once the customer has left; versions go on."),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "segment_id"],
            ["segments.tenant_id", "segments.id"],
            name=op.f("fk_segment_members_tenant_id_segment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_segment_members")),
        info={"tenant": True, "across_tenants": False},
    )
    op.execute("ALTER TABLE segment_members ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE segment_members FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON segment_members USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.create_index(
        op.f("ix_segment_members_tenant_id_customer_id"), "segment_members", ["tenant_id", "customer_id"], unique=False
    )
    op.create_index(
        op.f("ix_segment_members_tenant_id_segment_id_customer_id"),
        "segment_members",
        ["tenant_id", "segment_id", "customer_id"],
        unique=False,
        postgresql_where=sa.text("member"),
    )
