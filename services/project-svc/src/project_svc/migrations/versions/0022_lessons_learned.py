"""Lessons learned, and the industries of customers."""

from sqlalchemy.dialects import postgresql
import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand the schema; the running version must go on working."""
    op.create_table(
        "lessons",
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
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("template", sa.Text(), nullable=True),
        sa.Column("industry", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("happened", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("recommendation", sa.Text(), nullable=False),
        sa.Column("search", postgresql.TSVECTOR(), nullable=True),
        sa.CheckConstraint(
            "category IN ('scope', 'schedule', 'cost', 'quality', 'resources', 'communication', 'risk', 'procurement', 'stakeholders', 'technical', 'process')",
            name=op.f("ck_lessons_category"),
        ),
        sa.CheckConstraint("effect IN ('positive', 'negative')", name=op.f("ck_lessons_effect")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "project_id"],
            ["projects.tenant_id", "projects.id"],
            name=op.f("fk_lessons_tenant_id_project_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_lessons")),
    )
    op.execute("ALTER TABLE lessons ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE lessons FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON lessons USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.execute(
        "DO $do$ DECLARE owner name := session_user; reader name := session_user || '_search'; BEGIN\n  EXECUTE format('GRANT SELECT (tenant_id, id, created_at, updated_at, search) ON lessons TO %I', reader);\n  EXECUTE format('CREATE POLICY search ON lessons FOR SELECT TO %I USING (true)', reader);\n  EXECUTE format('GRANT CREATE ON SCHEMA %I TO %I', current_schema(), reader);\n  EXECUTE format('SET LOCAL ROLE %I', reader);\n  CREATE VIEW lessons_searched AS SELECT id, created_at, updated_at, search FROM lessons WHERE tenant_id = nullif(current_setting('crm.tenant_id', true), '')::uuid;\n  EXECUTE format('GRANT SELECT ON lessons_searched TO %I', owner);\n  RESET ROLE;\n  EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM %I', current_schema(), reader);\nEND $do$"
    )
    op.create_index(
        op.f("ix_lessons_tenant_id_created_at_id"), "lessons", ["tenant_id", "created_at", "id"], unique=False
    )
    op.create_index(op.f("ix_lessons_tenant_id_customer_id"), "lessons", ["tenant_id", "customer_id"], unique=False)
    op.create_index(
        op.f("ix_lessons_tenant_id_id"),
        "lessons",
        ["tenant_id", "id"],
        unique=False,
        postgresql_where=sa.text("search IS NULL"),
    )
    op.create_index(op.f("ix_lessons_tenant_id_project_id"), "lessons", ["tenant_id", "project_id"], unique=False)
    op.create_index(
        op.f("ix_lessons_tenant_id_search"),
        "lessons",
        ["tenant_id", "search"],
        unique=False,
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
    op.create_index(
        op.f("ix_lessons_tenant_id_updated_at_id"), "lessons", ["tenant_id", "updated_at", "id"], unique=False
    )
    op.add_column("known_customers", sa.Column("industry", sa.Text(), nullable=True))
