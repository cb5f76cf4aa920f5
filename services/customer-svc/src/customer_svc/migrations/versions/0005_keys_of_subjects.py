"""Keys of subjects, with which personal data is sealed."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand the schema; the running version must go on working."""
    op.create_table(
        "subject_keys",
        sa.Column(
            "tenant_id",
            sa.Uuid(),
            server_default=sa.text("nullif(current_setting('crm.tenant_id', true), '')::uuid"),
            nullable=False,
        ),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True, comment="NULL once destroyed."),
        sa.Column("kek_id", sa.Text(), nullable=False, comment="The key of the settings that wraps it."),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(wrapped_key IS NULL) = (destroyed_at IS NOT NULL)", name=op.f("ck_subject_keys_destroyed")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "subject_id", name=op.f("pk_subject_keys")),
        info={"tenant": True, "across_tenants": True},
    )
    op.execute("ALTER TABLE subject_keys ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE subject_keys FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON subject_keys USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid) OR (SELECT current_setting('crm.system', true)) = 'on') WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid) OR (SELECT current_setting('crm.system', true)) = 'on')"
    )
    op.create_index(
        "ix_subject_keys_kek",
        "subject_keys",
        ["kek_id"],
        unique=False,
        postgresql_where=sa.text("wrapped_key IS NOT NULL"),
    )
