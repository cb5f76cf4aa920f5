"""Templates of projects, and which one a project came from."""

from sqlalchemy.dialects import postgresql
import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand the schema; the running version must go on working."""
    op.create_table(
        "project_templates",
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
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("deal_rule", sa.Text(), nullable=True),
        sa.Column("deal_priority", sa.Integer(), nullable=False),
        sa.Column("source_project_id", sa.Uuid(), nullable=True),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by", sa.Text(), nullable=True),
        sa.CheckConstraint("status IN ('draft', 'published', 'retired')", name=op.f("ck_project_templates_status")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_project_templates")),
        sa.UniqueConstraint("tenant_id", "code", "edition", name=op.f("uq_project_templates_tenant_id_code_edition")),
    )
    op.execute("ALTER TABLE project_templates ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE project_templates FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON project_templates USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.create_index(
        op.f("ix_project_templates_tenant_id_created_at_id"),
        "project_templates",
        ["tenant_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_project_templates_tenant_id_updated_at_id"),
        "project_templates",
        ["tenant_id", "updated_at", "id"],
        unique=False,
    )
    op.create_index(
        "uq_project_templates_draft",
        "project_templates",
        ["tenant_id", "code"],
        unique=True,
        postgresql_where=sa.text("status = 'draft'"),
    )
    op.create_index(
        "uq_project_templates_published",
        "project_templates",
        ["tenant_id", "code"],
        unique=True,
        postgresql_where=sa.text("status = 'published'"),
    )
    op.create_table(
        "project_template_contents",
        sa.Column(
            "tenant_id",
            sa.Uuid(),
            server_default=sa.text("nullif(current_setting('crm.tenant_id', true), '')::uuid"),
            nullable=False,
        ),
        sa.Column("template_id", sa.Uuid(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "template_id"],
            ["project_templates.tenant_id", "project_templates.id"],
            name=op.f("fk_project_template_contents_tenant_id_template_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "template_id", name=op.f("pk_project_template_contents")),
    )
    op.execute("ALTER TABLE project_template_contents ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE project_template_contents FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON project_template_contents USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.add_column("projects", sa.Column("template_id", sa.Uuid(), nullable=True))
    op.add_column("projects", sa.Column("template_edition", sa.Integer(), nullable=True))
