"""Change requests, and the baselines that name them."""

from sqlalchemy.dialects import postgresql
import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand the schema; the running version must go on working."""
    op.create_table(
        "change_requests",
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
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("rationale", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("edits", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("steps", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("impact", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("agreed_finish", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agreed_cost_amount", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("agreed_cost_currency", sa.CHAR(length=3), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("implemented_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("baseline_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "category IN ('scope', 'schedule', 'cost', 'quality', 'resource', 'contract', 'defect')",
            name=op.f("ck_change_requests_category"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'submitted', 'under_review', 'approved', 'rejected', 'implemented', 'withdrawn')",
            name=op.f("ck_change_requests_status"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "baseline_id"],
            ["baselines.tenant_id", "baselines.id"],
            name=op.f("fk_change_requests_tenant_id_baseline_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "project_id"],
            ["projects.tenant_id", "projects.id"],
            name=op.f("fk_change_requests_tenant_id_project_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_change_requests")),
        sa.UniqueConstraint(
            "tenant_id", "project_id", "number", name=op.f("uq_change_requests_tenant_id_project_id_number")
        ),
    )
    op.execute("ALTER TABLE change_requests ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE change_requests FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON change_requests USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.create_index(
        op.f("ix_change_requests_tenant_id_created_at_id"),
        "change_requests",
        ["tenant_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_change_requests_tenant_id_owner_id"), "change_requests", ["tenant_id", "owner_id"], unique=False
    )
    op.create_index(
        op.f("ix_change_requests_tenant_id_updated_at_id"),
        "change_requests",
        ["tenant_id", "updated_at", "id"],
        unique=False,
    )
    op.add_column("baselines", sa.Column("change_request_id", sa.Uuid(), nullable=True))
