"""Duplicates and merges."""

from sqlalchemy.dialects import postgresql
import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand the schema; the running version must go on working."""
    op.create_table(
        "customer_merges",
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
        sa.Column("survivor_id", sa.Uuid(), nullable=False),
        sa.Column("absorbed_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("choices", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("moved", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("conflicts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("status IN ('merged', 'unmerged')", name=op.f("ck_customer_merges_status")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_customer_merges")),
    )
    op.execute("ALTER TABLE customer_merges ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE customer_merges FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON customer_merges USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.create_index(
        op.f("ix_customer_merges_tenant_id_created_at_id"),
        "customer_merges",
        ["tenant_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_customer_merges_tenant_id_survivor_id"), "customer_merges", ["tenant_id", "survivor_id"], unique=False
    )
    op.create_index(
        op.f("ix_customer_merges_tenant_id_updated_at_id"),
        "customer_merges",
        ["tenant_id", "updated_at", "id"],
        unique=False,
    )
    op.create_table(
        "duplicate_groups",
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
        sa.Column("customer_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("pairs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("merge_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "status IN ('open', 'confirmed', 'dismissed', 'merged')", name=op.f("ck_duplicate_groups_status")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_duplicate_groups")),
    )
    op.execute("ALTER TABLE duplicate_groups ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE duplicate_groups FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON duplicate_groups USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.create_index(
        op.f("ix_duplicate_groups_tenant_id_created_at_id"),
        "duplicate_groups",
        ["tenant_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_duplicate_groups_tenant_id_score_id"), "duplicate_groups", ["tenant_id", "score", "id"], unique=False
    )
    op.create_index(
        op.f("ix_duplicate_groups_tenant_id_updated_at_id"),
        "duplicate_groups",
        ["tenant_id", "updated_at", "id"],
        unique=False,
    )
    op.create_index("uq_duplicate_groups_customers", "duplicate_groups", ["tenant_id", "customer_ids"], unique=True)
    op.create_table(
        "duplicate_pairs",
        sa.Column(
            "tenant_id",
            sa.Uuid(),
            server_default=sa.text("nullif(current_setting('crm.tenant_id', true), '')::uuid"),
            nullable=False,
        ),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("left_id", sa.Uuid(), nullable=False),
        sa.Column("right_id", sa.Uuid(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False, comment="0 to 1."),
        sa.Column("fields", sa.ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "operation_id", "left_id", "right_id", name=op.f("pk_duplicate_pairs")),
    )
    op.execute("ALTER TABLE duplicate_pairs ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE duplicate_pairs FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON duplicate_pairs USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.create_table(
        "duplicate_rules",
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
        sa.Column("kind", sa.Text(), nullable=True, comment="NULL for customers whose kind has no rule of its own."),
        sa.Column("likely", sa.Integer(), nullable=False),
        sa.Column("possible", sa.Integer(), nullable=False),
        sa.Column("refuse_from", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('company', 'person')", name=op.f("ck_duplicate_rules_kind")),
        sa.CheckConstraint(
            "refuse_from IN ('likely', 'possible', 'never')", name=op.f("ck_duplicate_rules_refuse_from")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_duplicate_rules")),
    )
    op.execute("ALTER TABLE duplicate_rules ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE duplicate_rules FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON duplicate_rules USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.create_index(
        op.f("ix_duplicate_rules_tenant_id_created_at_id"),
        "duplicate_rules",
        ["tenant_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_duplicate_rules_tenant_id_updated_at_id"),
        "duplicate_rules",
        ["tenant_id", "updated_at", "id"],
        unique=False,
    )
    op.create_index(
        "uq_duplicate_rules_kind",
        "duplicate_rules",
        ["tenant_id", "kind"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "merge_customers",
        sa.Column(
            "tenant_id",
            sa.Uuid(),
            server_default=sa.text("nullif(current_setting('crm.tenant_id', true), '')::uuid"),
            nullable=False,
        ),
        sa.Column("merge_id", sa.Uuid(), nullable=False),
        sa.Column("moment", sa.Text(), nullable=False, comment="`before` or `after` the merge."),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "content",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="The row as it was; personal data in it is as sealed as it was there.",
        ),
        sa.Column(
            "last_version",
            sa.Integer(),
            nullable=True,
            comment="With which the customer went; NULL for the one that stayed.",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "merge_id", "moment", "customer_id", name=op.f("pk_merge_customers")),
    )
    op.execute("ALTER TABLE merge_customers ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE merge_customers FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON merge_customers USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.create_table(
        "merge_links",
        sa.Column(
            "tenant_id",
            sa.Uuid(),
            server_default=sa.text("nullif(current_setting('crm.tenant_id', true), '')::uuid"),
            nullable=False,
        ),
        sa.Column("merge_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("absorbed_id", sa.Uuid(), nullable=False),
        sa.Column(
            "absorbed_link",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="What the contact was at the customer that is gone.",
        ),
        sa.Column(
            "survivor_link",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="What it was at the survivor; NULL for nothing.",
        ),
        sa.Column(
            "merged_link", postgresql.JSONB(astext_type=sa.Text()), nullable=True, comment="What it became there."
        ),
        sa.Column("at_survivor", sa.Boolean(), nullable=True, comment="Whether it was at the survivor too."),
        sa.PrimaryKeyConstraint("tenant_id", "merge_id", "contact_id", "absorbed_id", name=op.f("pk_merge_links")),
    )
    op.execute("ALTER TABLE merge_links ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE merge_links FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON merge_links USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.create_table(
        "merge_moves",
        sa.Column(
            "tenant_id",
            sa.Uuid(),
            server_default=sa.text("nullif(current_setting('crm.tenant_id', true), '')::uuid"),
            nullable=False,
        ),
        sa.Column("merge_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("old_id", sa.Uuid(), nullable=False),
        sa.Column("new_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "merge_id", "kind", "record_id", "old_id", name=op.f("pk_merge_moves")),
    )
    op.execute("ALTER TABLE merge_moves ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE merge_moves FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON merge_moves USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.create_table(
        "merged_customers",
        sa.Column(
            "tenant_id",
            sa.Uuid(),
            server_default=sa.text("nullif(current_setting('crm.tenant_id', true), '')::uuid"),
            nullable=False,
        ),
        sa.Column("old_id", sa.Uuid(), nullable=False),
        sa.Column("new_id", sa.Uuid(), nullable=False),
        sa.Column("merge_id", sa.Uuid(), nullable=False, comment="Ordered by time."),
        sa.PrimaryKeyConstraint("tenant_id", "old_id", "merge_id", name=op.f("pk_merged_customers")),
    )
    op.execute("ALTER TABLE merged_customers ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE merged_customers FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON merged_customers USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.create_index(
        op.f("ix_merged_customers_tenant_id_merge_id"), "merged_customers", ["tenant_id", "merge_id"], unique=False
    )
    op.create_index(
        op.f("ix_merged_customers_tenant_id_new_id"), "merged_customers", ["tenant_id", "new_id"], unique=False
    )
    op.create_table(
        "not_duplicates",
        sa.Column(
            "tenant_id",
            sa.Uuid(),
            server_default=sa.text("nullif(current_setting('crm.tenant_id', true), '')::uuid"),
            nullable=False,
        ),
        sa.Column("left_id", sa.Uuid(), nullable=False),
        sa.Column("right_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("left_id < right_id", name=op.f("ck_not_duplicates_ordered")),
        sa.PrimaryKeyConstraint("tenant_id", "left_id", "right_id", name=op.f("pk_not_duplicates")),
    )
    op.execute("ALTER TABLE not_duplicates ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE not_duplicates FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON not_duplicates USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.create_index(
        op.f("ix_not_duplicates_tenant_id_right_id"), "not_duplicates", ["tenant_id", "right_id"], unique=False
    )
