"""Entries of the timeline."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_TENANT = "nullif(current_setting('crm.tenant_id', true), '')::uuid"
_POLICY = f"(tenant_id = (SELECT {_TENANT}))"
_KINDS = (
    "kind IN ('customer', 'communication', 'requirement', 'opportunity', 'order', 'payment', 'project', 'delivery', "
    "'ticket', 'survey', 'service_period')"
)


def upgrade() -> None:
    """Expand the schema; the running version must go on working."""
    op.create_table(
        "timeline_entries",
        sa.Column("tenant_id", sa.Uuid(), server_default=sa.text(_TENANT), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("source_type", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column(
            "version",
            sa.Integer(),
            nullable=False,
            comment="The version of the record that this entry tells of.",
        ),
        sa.Column(
            "owner_id",
            sa.Uuid(),
            nullable=True,
            comment="Of the record as it is now, as are the team and the customer.",
        ),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(_KINDS, name=op.f("ck_timeline_entries_kind")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_timeline_entries")),
    )
    op.execute("ALTER TABLE timeline_entries ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE timeline_entries FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON timeline_entries USING {_POLICY} WITH CHECK {_POLICY}")
    op.create_index(
        op.f("ix_timeline_entries_tenant_id_customer_id_happened_at_id"),
        "timeline_entries",
        ["tenant_id", "customer_id", "happened_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_timeline_entries_tenant_id_source_id"), "timeline_entries", ["tenant_id", "source_id"], unique=False
    )
