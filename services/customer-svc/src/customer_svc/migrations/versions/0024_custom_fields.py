"""Custom fields: their definitions, and the values of customers."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


_TENANT = "nullif(current_setting('crm.tenant_id', true), '')::uuid"
_POLICY = f"(tenant_id = (SELECT {_TENANT}))"
_SLOTS = {"text": ("texts", 8), "number": ("numbers", 6), "date": ("dates", 4)}
_UNIQUE = 4


def _secure(table: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON {table} USING {_POLICY} WITH CHECK {_POLICY}")


def _tenant() -> sa.Column[Any]:
    return sa.Column("tenant_id", sa.Uuid(), server_default=sa.text(_TENANT), nullable=False)


def _jsonb() -> postgresql.JSONB:
    return postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    """Expand the schema; the running version must go on working."""
    op.create_table(
        "custom_field_revisions",
        _tenant(),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "resource", name=op.f("pk_custom_field_revisions")),
    )
    _secure("custom_field_revisions")
    _definitions()
    _slots()
    op.add_column("customers", sa.Column("custom", _jsonb(), server_default=sa.text("'{}'::jsonb"), nullable=False))
    op.add_column("customers", sa.Column("custom_revision", sa.Integer(), server_default=sa.text("0"), nullable=False))


def _definitions() -> None:
    false = sa.text("false")
    optional = ("minimum", "maximum", "pattern", "target", "expression", "result", "group")
    op.create_table(
        "custom_fields",
        _tenant(),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("resource", "key", "type")),
        sa.Column("label", _jsonb(), nullable=False),
        sa.Column("description", _jsonb(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        *(
            sa.Column(name, sa.Boolean(), server_default=false, nullable=False)
            for name in ("required", "unique", "indexed", "applied")
        ),
        sa.Column("default", _jsonb(), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=True) for name in optional),
        sa.Column("max_length", sa.Integer(), nullable=True),
        sa.Column("decimals", sa.Integer(), nullable=True),
        sa.Column("choices", _jsonb(), nullable=False),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=True, comment="Place in the array of indexed values of its kind."),
        sa.Column("unique_slot", sa.Integer(), nullable=True),
        sa.Column("generation", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("status IN ('active', 'retired')", name=op.f("ck_custom_fields_status")),
        sa.CheckConstraint(
            "type IN ('text', 'number', 'money', 'date', 'boolean', 'choice', 'multi_choice', 'reference', 'formula')",
            name=op.f("ck_custom_fields_type"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_custom_fields")),
        sa.UniqueConstraint("tenant_id", "resource", "key", name=op.f("uq_custom_fields_tenant_id_resource_key")),
    )
    _secure("custom_fields")
    for moment in ("created_at", "updated_at"):
        name = op.f(f"ix_custom_fields_tenant_id_{moment}_id")
        op.create_index(name, "custom_fields", ["tenant_id", moment, "id"], unique=False)


def _slots() -> None:
    table = "customer_custom_slots"
    op.create_table(
        table,
        _tenant(),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("texts", sa.ARRAY(sa.Text(collation="C")), nullable=True),
        sa.Column("numbers", sa.ARRAY(sa.Double()), nullable=True),
        sa.Column("dates", sa.ARRAY(sa.Date()), nullable=True),
        sa.Column("keys", sa.ARRAY(sa.Text(collation="C")), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "record_id"],
            ["customers.tenant_id", "customers.id"],
            name=op.f("fk_customer_custom_slots_tenant_id_record_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "record_id", name=op.f("pk_customer_custom_slots")),
    )
    _secure(table)
    for kind, (array, number) in _SLOTS.items():
        for place in range(1, number + 1):
            _index(f"ix_{table}_{kind}_{place}", f"({array}[{place}])", "record_id")
            # Without these, lists by a rare value are planned as by a frequent one: those of an index are not asked.
            op.execute(f"CREATE STATISTICS st_{table}_{kind}_{place} ON ({array}[{place}]) FROM {table}")
    for place in range(1, _UNIQUE + 1):
        _index(f"uq_{table}_{place}", f"(keys[{place}])", unique=True)


def _index(name: str, element: str, *others: str, unique: bool = False) -> None:
    op.create_index(
        name,
        "customer_custom_slots",
        ["tenant_id", sa.literal_column(element), *others],
        unique=unique,
        postgresql_where=sa.text(f"{element} IS NOT NULL"),
    )
