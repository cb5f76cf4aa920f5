"""Documents of all kinds of records; those of deliveries move there."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_MOVE = """
INSERT INTO documents (
  tenant_id, id, version, created_at, created_by, updated_at, updated_by, owner_id, team_id, project_id, customer_id,
  record_kind, record_id, delivery_id, name, media_type, size, sha256, number, series_id
)
SELECT tenant_id, old.id, old.version, old.created_at, old.created_by, old.updated_at, old.updated_by, old.owner_id,
  old.team_id, old.project_id, delivery.customer_id, 'delivery', delivery_id, delivery_id, old.name, media_type, size,
  sha256, 1, old.id
FROM delivery_documents AS old JOIN deliveries AS delivery USING (tenant_id)
WHERE delivery.id = old.delivery_id
"""


def upgrade() -> None:
    """Expand the schema; the running version must go on working."""
    op.create_table(
        "documents",
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
        sa.Column("record_kind", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Uuid(), nullable=False),
        sa.Column("superseded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "record_kind IN ('project', 'task', 'issue', 'change_request', 'risk', 'quality_gate', 'corrective_action', 'delivery', 'outcome')",
            name=op.f("ck_documents_record_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "delivery_id"],
            ["deliveries.tenant_id", "deliveries.id"],
            name=op.f("fk_documents_tenant_id_delivery_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "project_id"],
            ["projects.tenant_id", "projects.id"],
            name=op.f("fk_documents_tenant_id_project_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_documents")),
        sa.UniqueConstraint("tenant_id", "series_id", "number", name=op.f("uq_documents_tenant_id_series_id_number")),
    )
    op.execute("ALTER TABLE documents ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE documents FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON documents USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.create_index(
        "ix_documents_delivery_id",
        "documents",
        ["tenant_id", "delivery_id"],
        unique=False,
        postgresql_where=sa.text("delivery_id IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_documents_tenant_id_created_at_id"), "documents", ["tenant_id", "created_at", "id"], unique=False
    )
    op.create_index(op.f("ix_documents_tenant_id_customer_id"), "documents", ["tenant_id", "customer_id"], unique=False)
    op.create_index(op.f("ix_documents_tenant_id_owner_id"), "documents", ["tenant_id", "owner_id"], unique=False)
    op.create_index(op.f("ix_documents_tenant_id_project_id"), "documents", ["tenant_id", "project_id"], unique=False)
    op.create_index(op.f("ix_documents_tenant_id_record_id"), "documents", ["tenant_id", "record_id"], unique=False)
    op.create_index(
        op.f("ix_documents_tenant_id_updated_at_id"), "documents", ["tenant_id", "updated_at", "id"], unique=False
    )
    # Rows of all tenants, which the owner sees and writes while the policies do not bind it. The old table was part of no
    # release, so no version that runs needs it.
    for table in ("delivery_documents", "deliveries", "documents"):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(_MOVE)
    for table in ("deliveries", "documents"):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute("-- squawk-ignore ban-drop-table\nDROP TABLE delivery_documents")
