"""outcomes."""

from sqlalchemy.dialects import postgresql
import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand the schema; the running version must go on working."""
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
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_known_surveys")),
    )
    op.execute("ALTER TABLE known_surveys ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE known_surveys FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON known_surveys USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.create_index(
        op.f("ix_known_surveys_tenant_id_customer_id"), "known_surveys", ["tenant_id", "customer_id"], unique=False
    )
    op.create_index(
        op.f("ix_known_surveys_tenant_id_project_id"), "known_surveys", ["tenant_id", "project_id"], unique=False
    )
    op.create_table(
        "outcomes",
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
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("baseline", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("baseline_on", sa.Date(), nullable=True),
        sa.Column("target", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("target_on", sa.Date(), nullable=True),
        sa.Column("measure_on", sa.ARRAY(sa.Date()), nullable=False),
        sa.Column("measurements", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("actual", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("attainment", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("evaluation", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("benefit_amount", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("benefit_currency", sa.CHAR(length=3), nullable=True),
        sa.Column("cost_amount", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("cost_currency", sa.CHAR(length=3), nullable=True),
        sa.Column("benefit_cost_ratio", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("review_due", sa.Boolean(), nullable=False),
        sa.Column("reviews", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("drop_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("direction IN ('increase', 'decrease')", name=op.f("ck_outcomes_direction")),
        sa.CheckConstraint("source IN ('typed', 'metric', 'satisfaction', 'loyalty')", name=op.f("ck_outcomes_source")),
        sa.CheckConstraint(
            "status IN ('planned', 'measured', 'evaluated', 'reviewed', 'dropped')", name=op.f("ck_outcomes_status")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "project_id"],
            ["projects.tenant_id", "projects.id"],
            name=op.f("fk_outcomes_tenant_id_project_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_outcomes")),
    )
    op.execute("ALTER TABLE outcomes ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE outcomes FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON outcomes USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.create_index(
        "ix_outcomes_review_on",
        "outcomes",
        ["tenant_id", "review_on"],
        unique=False,
        postgresql_where=sa.text("review_on IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_outcomes_tenant_id_created_at_id"), "outcomes", ["tenant_id", "created_at", "id"], unique=False
    )
    op.create_index(op.f("ix_outcomes_tenant_id_customer_id"), "outcomes", ["tenant_id", "customer_id"], unique=False)
    op.create_index(op.f("ix_outcomes_tenant_id_owner_id"), "outcomes", ["tenant_id", "owner_id"], unique=False)
    op.create_index(op.f("ix_outcomes_tenant_id_project_id"), "outcomes", ["tenant_id", "project_id"], unique=False)
    op.create_index(
        op.f("ix_outcomes_tenant_id_updated_at_id"), "outcomes", ["tenant_id", "updated_at", "id"], unique=False
    )
