"""Data quality: rules, scores, figures by day, monitors."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


_TENANT = "nullif(current_setting('crm.tenant_id', true), '')::uuid"
_POLICY = f"(tenant_id = (SELECT {_TENANT}))"


def _secure(table: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON {table} USING {_POLICY} WITH CHECK {_POLICY}")


def upgrade() -> None:
    """Expand the schema; the running version must go on working."""
    op.create_table(
        "quality_days",
        sa.Column("tenant_id", sa.Uuid(), server_default=sa.text(_TENANT), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("failing", sa.Integer(), nullable=False),
        sa.Column("score_sum", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "dimension IN ('all', 'source', 'owner', 'team', 'rule', 'member')", name=op.f("ck_quality_days_dimension")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_quality_days")),
        sa.UniqueConstraint(
            "tenant_id", "dimension", "key", "day", name=op.f("uq_quality_days_tenant_id_dimension_key_day")
        ),
    )
    _secure("quality_days")
    op.create_index(op.f("ix_quality_days_tenant_id_day_id"), "quality_days", ["tenant_id", "day", "id"], unique=False)
    op.create_table(
        "quality_marks",
        sa.Column("tenant_id", sa.Uuid(), server_default=sa.text(_TENANT), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_quality_marks")),
    )
    _secure("quality_marks")
    op.create_table(
        "quality_monitors",
        sa.Column("tenant_id", sa.Uuid(), server_default=sa.text(_TENANT), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("degraded_below", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("recovered_at", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("least_records", sa.Integer(), nullable=False),
        sa.Column("degraded", sa.Boolean(), nullable=False),
        sa.Column("average", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "dimension IN ('all', 'source', 'owner', 'team', 'rule', 'member')",
            name=op.f("ck_quality_monitors_dimension"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_quality_monitors")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_quality_monitors_tenant_id_name")),
    )
    _secure("quality_monitors")
    op.create_index(
        op.f("ix_quality_monitors_tenant_id_created_at_id"),
        "quality_monitors",
        ["tenant_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_quality_monitors_tenant_id_updated_at_id"),
        "quality_monitors",
        ["tenant_id", "updated_at", "id"],
        unique=False,
    )
    op.create_table(
        "quality_rules",
        sa.Column("tenant_id", sa.Uuid(), server_default=sa.text(_TENANT), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("label", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("message", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("expression", sa.Text(), nullable=False),
        sa.Column("applies_to", sa.Text(), nullable=True),
        sa.Column("member", sa.Text(), nullable=True),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.CheckConstraint("severity IN ('info', 'warning', 'error')", name=op.f("ck_quality_rules_severity")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_quality_rules")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_quality_rules_tenant_id_code")),
    )
    _secure("quality_rules")
    op.create_index(
        op.f("ix_quality_rules_tenant_id_created_at_id"),
        "quality_rules",
        ["tenant_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_quality_rules_tenant_id_updated_at_id"),
        "quality_rules",
        ["tenant_id", "updated_at", "id"],
        unique=False,
    )
    op.create_table(
        "quality_scores",
        sa.Column("tenant_id", sa.Uuid(), server_default=sa.text(_TENANT), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False, comment="The customer's."),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("failed", sa.ARRAY(sa.Uuid()), nullable=False, comment="The rules that are broken."),
        sa.Column(
            "keys",
            sa.ARRAY(sa.Text()),
            nullable=False,
            comment="By which others that share one are found when it goes.",
        ),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True, comment="Of the customer as it is now, as is the team."),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("look_again_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_quality_scores")),
    )
    _secure("quality_scores")
    op.create_index(
        op.f("ix_quality_scores_tenant_id_look_again_at"),
        "quality_scores",
        ["tenant_id", "look_again_at"],
        unique=False,
        postgresql_where=sa.text("look_again_at IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_quality_scores_tenant_id_score_id"), "quality_scores", ["tenant_id", "score", "id"], unique=False
    )
