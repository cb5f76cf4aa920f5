"""Contacts, and at which customers they are."""

from sqlalchemy.dialects import postgresql
import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand the schema; the running version must go on working."""
    op.create_table(
        "contact_keys",
        sa.Column(
            "tenant_id",
            sa.Uuid(),
            server_default=sa.text("nullif(current_setting('crm.tenant_id', true), '')::uuid"),
            nullable=False,
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "kind", "key", "record_id", name=op.f("pk_contact_keys")),
    )
    op.execute("ALTER TABLE contact_keys ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE contact_keys FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON contact_keys USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.create_index(
        op.f("ix_contact_keys_tenant_id_record_id"), "contact_keys", ["tenant_id", "record_id"], unique=False
    )
    op.create_table(
        "contacts",
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
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("family_name", sa.Text(), nullable=True),
        sa.Column("given_name", sa.Text(), nullable=True),
        sa.Column("additional_names", sa.Text(), nullable=True),
        sa.Column("honorific_prefix", sa.Text(), nullable=True),
        sa.Column("honorific_suffix", sa.Text(), nullable=True),
        sa.Column("name_latin", sa.Text(), nullable=True),
        sa.Column("nickname", sa.Text(), nullable=True),
        sa.Column("salutation", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("status_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status_note", sa.Text(), nullable=True),
        sa.Column("company", sa.Text(), nullable=True),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("preferred_channel", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("websites", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("photo_url", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("tags", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("external_refs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("links", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("search", postgresql.TSVECTOR(), nullable=True),
        sa.CheckConstraint(
            "preferred_channel IN ('phone', 'sms', 'email', 'messenger', 'visit', 'post')",
            name=op.f("ck_contacts_preferred_channel"),
        ),
        sa.CheckConstraint("status IN ('active', 'left', 'deceased')", name=op.f("ck_contacts_status")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_contacts")),
    )
    op.execute("ALTER TABLE contacts ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE contacts FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON contacts USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.execute(
        "DO $access$ BEGIN\n  EXECUTE format('GRANT SELECT (tenant_id, id, owner_id, team_id, name_key, status, created_at, updated_at, search) ON contacts TO %2$I', current_schema(), session_user || '_search', session_user);\n  EXECUTE format('CREATE POLICY search ON contacts FOR SELECT TO %2$I USING (true)', current_schema(), session_user || '_search', session_user);\n  EXECUTE format('GRANT CREATE ON SCHEMA %1$I TO %2$I', current_schema(), session_user || '_search', session_user);\n  EXECUTE format('SET LOCAL ROLE %2$I', current_schema(), session_user || '_search', session_user);\n  EXECUTE format('CREATE VIEW contacts_searched AS SELECT id, owner_id, team_id, name_key, status, created_at, updated_at, search FROM contacts WHERE tenant_id = nullif(current_setting(''crm.tenant_id'', true), '''')::uuid', current_schema(), session_user || '_search', session_user);\n  EXECUTE format('GRANT SELECT ON contacts_searched TO %3$I', current_schema(), session_user || '_search', session_user);\n  EXECUTE format('RESET ROLE', current_schema(), session_user || '_search', session_user);\n  EXECUTE format('REVOKE CREATE ON SCHEMA %1$I FROM %2$I', current_schema(), session_user || '_search', session_user);\nEND $access$"
    )
    op.create_index(
        op.f("ix_contacts_tenant_id_created_at_id"), "contacts", ["tenant_id", "created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_contacts_tenant_id_name_key_id"), "contacts", ["tenant_id", "name_key", "id"], unique=False
    )
    op.create_index(op.f("ix_contacts_tenant_id_owner_id"), "contacts", ["tenant_id", "owner_id"], unique=False)
    op.create_index(
        op.f("ix_contacts_tenant_id_search"),
        "contacts",
        ["tenant_id", "search"],
        unique=False,
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
    op.create_index(
        op.f("ix_contacts_tenant_id_updated_at_id"), "contacts", ["tenant_id", "updated_at", "id"], unique=False
    )
    op.create_table(
        "contact_links",
        sa.Column(
            "tenant_id",
            sa.Uuid(),
            server_default=sa.text("nullif(current_setting('crm.tenant_id', true), '')::uuid"),
            nullable=False,
        ),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "contact_id"],
            ["contacts.tenant_id", "contacts.id"],
            name=op.f("fk_contact_links_tenant_id_contact_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers.tenant_id", "customers.id"],
            name=op.f("fk_contact_links_tenant_id_customer_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "contact_id", "customer_id", name=op.f("pk_contact_links")),
    )
    op.execute("ALTER TABLE contact_links ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE contact_links FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON contact_links USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.create_index(
        op.f("ix_contact_links_tenant_id_customer_id_contact_id"),
        "contact_links",
        ["tenant_id", "customer_id", "contact_id"],
        unique=False,
    )
    op.create_index(
        "uq_contact_links_primary",
        "contact_links",
        ["tenant_id", "customer_id"],
        unique=True,
        postgresql_where=sa.text("is_primary"),
    )
    op.create_table(
        "contact_refs",
        sa.Column(
            "tenant_id",
            sa.Uuid(),
            server_default=sa.text("nullif(current_setting('crm.tenant_id', true), '')::uuid"),
            nullable=False,
        ),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "contact_id"],
            ["contacts.tenant_id", "contacts.id"],
            name=op.f("fk_contact_refs_tenant_id_contact_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "system", "external_id", name=op.f("pk_contact_refs")),
    )
    op.execute("ALTER TABLE contact_refs ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE contact_refs FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON contact_refs USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid))"
    )
    op.create_index(
        op.f("ix_contact_refs_tenant_id_contact_id"), "contact_refs", ["tenant_id", "contact_id"], unique=False
    )
