"""Quality gates and corrective actions."""

from sqlalchemy.dialects import postgresql
import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand the schema; the running version must go on working."""
    op.create_table(
        "corrective_actions",
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
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("overdue", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_by", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('corrective', 'preventive')", name=op.f("ck_corrective_actions_kind")),
        sa.CheckConstraint(
            "source IN ('gate', 'risk', 'issue', 'monitor', 'change_request', 'other')",
            name=op.f("ck_corrective_actions_source"),
        ),
        sa.CheckConstraint(
            "status IN ('open', 'in_progress', 'done', 'verified', 'cancelled')",
            name=op.f("ck_corrective_actions_status"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "project_id"],
            ["projects.tenant_id", "projects.id"],
            name=op.f("fk_corrective_actions_tenant_id_project_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_corrective_actions")),
    )
    op.execute("ALTER TABLE corrective_actions ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE corrective_actions FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON corrective_actions USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.create_index(
        op.f("ix_corrective_actions_tenant_id_created_at_id"),
        "corrective_actions",
        ["tenant_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_corrective_actions_tenant_id_due_on_id"),
        "corrective_actions",
        ["tenant_id", "due_on", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_corrective_actions_tenant_id_owner_id"), "corrective_actions", ["tenant_id", "owner_id"], unique=False
    )
    op.create_index(
        op.f("ix_corrective_actions_tenant_id_project_id"),
        "corrective_actions",
        ["tenant_id", "project_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_corrective_actions_tenant_id_updated_at_id"),
        "corrective_actions",
        ["tenant_id", "updated_at", "id"],
        unique=False,
    )
    op.create_table(
        "quality_gates",
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
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("mandatory", sa.Boolean(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("delivery_id", sa.Uuid(), nullable=True),
        sa.Column("reviewer_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("checklist", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reviews", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("kind IN ('technical', 'data', 'user_review')", name=op.f("ck_quality_gates_kind")),
        sa.CheckConstraint(
            "status IN ('planned', 'passed', 'passed_with_conditions', 'failed', 'waived')",
            name=op.f("ck_quality_gates_status"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "delivery_id"],
            ["deliveries.tenant_id", "deliveries.id"],
            name=op.f("fk_quality_gates_tenant_id_delivery_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "project_id"],
            ["projects.tenant_id", "projects.id"],
            name=op.f("fk_quality_gates_tenant_id_project_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_quality_gates")),
    )
    op.execute("ALTER TABLE quality_gates ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE quality_gates FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON quality_gates USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.create_index(
        op.f("ix_quality_gates_tenant_id_created_at_id"),
        "quality_gates",
        ["tenant_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_quality_gates_tenant_id_owner_id"), "quality_gates", ["tenant_id", "owner_id"], unique=False
    )
    op.create_index(
        op.f("ix_quality_gates_tenant_id_planned_on_id"),
        "quality_gates",
        ["tenant_id", "planned_on", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_quality_gates_tenant_id_project_id"), "quality_gates", ["tenant_id", "project_id"], unique=False
    )
    op.create_index(
        op.f("ix_quality_gates_tenant_id_updated_at_id"),
        "quality_gates",
        ["tenant_id", "updated_at", "id"],
        unique=False,
    )
