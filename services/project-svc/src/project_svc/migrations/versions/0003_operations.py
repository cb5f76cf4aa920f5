"""Operations: long work that survives restarts."""

from sqlalchemy.dialects import postgresql
import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand the schema; the running version must go on working."""
    op.create_table(
        "operation_sweeps",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_operation_sweeps")),
    )
    op.create_table(
        "operation_turns",
        sa.Column(
            "tenant_id",
            sa.Uuid(),
            server_default=sa.text("nullif(current_setting('crm.tenant_id', true), '')::uuid"),
            nullable=False,
        ),
        sa.Column("served_at", sa.DateTime(timezone=True), server_default=sa.text("to_timestamp(0)"), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_operation_turns")),
        info={"tenant": True, "across_tenants": True},
    )
    op.execute("ALTER TABLE operation_turns ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE operation_turns FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON operation_turns USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid) OR (SELECT current_setting('crm.system', true)) = 'on') WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid) OR (SELECT current_setting('crm.system', true)) = 'on')"
    )
    op.create_table(
        "operations",
        sa.Column(
            "tenant_id",
            sa.Uuid(),
            server_default=sa.text("nullif(current_setting('crm.tenant_id', true), '')::uuid"),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("internal", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("cancellable", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("wish", sa.Text(), nullable=True),
        sa.Column("input", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("caller", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("cause", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("correlation_id", sa.Uuid(), nullable=False),
        sa.Column("cursor", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("done", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column(
            "counters", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("problem", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("claim", sa.Uuid(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("deaths", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'paused', 'succeeded', 'failed', 'cancelled')",
            name=op.f("ck_operations_status"),
        ),
        sa.CheckConstraint("wish IN ('pause', 'cancel')", name=op.f("ck_operations_wish")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operations")),
        info={"tenant": True, "across_tenants": True},
        postgresql_with={
            "fillfactor": "50",
            "autovacuum_vacuum_scale_factor": "0",
            "autovacuum_vacuum_threshold": "1000",
        },
    )
    op.execute("ALTER TABLE operations ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE operations FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON operations USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid) OR (SELECT current_setting('crm.system', true)) = 'on') WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid) OR (SELECT current_setting('crm.system', true)) = 'on')"
    )
    op.create_index(
        "ix_operations_due", "operations", ["due_at"], unique=False, postgresql_where=sa.text("due_at IS NOT NULL")
    )
    op.create_index(
        "ix_operations_finished",
        "operations",
        ["finished_at"],
        unique=False,
        postgresql_where=sa.text("finished_at IS NOT NULL"),
    )
    op.create_index(
        "ix_operations_list",
        "operations",
        ["tenant_id", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("NOT internal"),
    )
    op.create_index(
        "ix_operations_mine",
        "operations",
        ["tenant_id", "requested_by", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("NOT internal"),
    )
    op.create_index(
        "ix_operations_turn",
        "operations",
        ["tenant_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index(
        "uq_operations_key",
        "operations",
        ["tenant_id", "kind", "key"],
        unique=True,
        postgresql_where=sa.text("key IS NOT NULL"),
    )
    op.create_table(
        "operation_results",
        sa.Column(
            "tenant_id",
            sa.Uuid(),
            server_default=sa.text("nullif(current_setting('crm.tenant_id', true), '')::uuid"),
            nullable=False,
        ),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("problem", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(
            ["operation_id"], ["operations.id"], name=op.f("fk_operation_results_operation_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("operation_id", "number", name=op.f("pk_operation_results")),
        info={"tenant": True, "across_tenants": True},
    )
    op.execute("ALTER TABLE operation_results ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE operation_results FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON operation_results USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid) OR (SELECT current_setting('crm.system', true)) = 'on') WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid) OR (SELECT current_setting('crm.system', true)) = 'on')"
    )
