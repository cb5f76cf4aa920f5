"""Closing reports, the rule about them, and which risks have struck."""

from sqlalchemy.dialects import postgresql
import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand the schema; the running version must go on working."""
    op.create_table(
        "closing_rules",
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
        sa.Column("report_required", sa.Boolean(), nullable=False),
        sa.CheckConstraint("id = tenant_id", name=op.f("ck_closing_rules_one")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_closing_rules")),
    )
    op.execute("ALTER TABLE closing_rules ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE closing_rules FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON closing_rules USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.create_index(
        op.f("ix_closing_rules_tenant_id_created_at_id"),
        "closing_rules",
        ["tenant_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_closing_rules_tenant_id_updated_at_id"),
        "closing_rules",
        ["tenant_id", "updated_at", "id"],
        unique=False,
    )
    op.create_table(
        "closing_reports",
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
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("verdicts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("signatures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('in_review', 'issued', 'rejected', 'withdrawn')", name=op.f("ck_closing_reports_status")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "project_id"],
            ["projects.tenant_id", "projects.id"],
            name=op.f("fk_closing_reports_tenant_id_project_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_closing_reports")),
        sa.UniqueConstraint(
            "tenant_id", "project_id", "number", name=op.f("uq_closing_reports_tenant_id_project_id_number")
        ),
    )
    op.execute("ALTER TABLE closing_reports ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE closing_reports FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON closing_reports USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.create_index(
        op.f("ix_closing_reports_tenant_id_created_at_id"),
        "closing_reports",
        ["tenant_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_closing_reports_tenant_id_owner_id"), "closing_reports", ["tenant_id", "owner_id"], unique=False
    )
    op.create_index(
        op.f("ix_closing_reports_tenant_id_updated_at_id"),
        "closing_reports",
        ["tenant_id", "updated_at", "id"],
        unique=False,
    )
    op.create_index(
        "uq_closing_reports_in_review",
        "closing_reports",
        ["tenant_id", "project_id"],
        unique=True,
        postgresql_where=sa.text("status = 'in_review'"),
    )
    op.create_table(
        "closing_report_contents",
        sa.Column(
            "tenant_id",
            sa.Uuid(),
            server_default=sa.text("nullif(current_setting('crm.tenant_id', true), '')::uuid"),
            nullable=False,
        ),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False, comment="JSON, byte for byte as its digest was taken."),
        sa.ForeignKeyConstraint(
            ["tenant_id", "report_id"],
            ["closing_reports.tenant_id", "closing_reports.id"],
            name=op.f("fk_closing_report_contents_tenant_id_report_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "report_id", name=op.f("pk_closing_report_contents")),
    )
    op.execute("ALTER TABLE closing_report_contents ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE closing_report_contents FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON closing_report_contents USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.add_column("risks", sa.Column("struck", sa.Boolean(), nullable=True))
