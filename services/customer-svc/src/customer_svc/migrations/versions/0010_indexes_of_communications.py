"""Indexes of follow-ups and of search, made while the table is in use; rules of new columns hold for all rows."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_Index = tuple[str, str, tuple[str, ...], dict[str, Any]]
_UNSEARCHED: dict[str, Any] = {"postgresql_where": sa.text("search IS NULL")}
_INDEXES: tuple[_Index, ...] = (
    (
        "ix_communications_assigned",
        "communications",
        ("tenant_id", "follow_up_assignee_id", "follow_up_due_at"),
        {"postgresql_where": sa.text("follow_up_assignee_id IS NOT NULL")},
    ),
    (
        "ix_communications_follow_ups",
        "communications",
        ("tenant_id", "follow_up_due_at", "id"),
        {"postgresql_where": sa.text("follow_up_due_at IS NOT NULL")},
    ),
    (
        "ix_communications_tenant_id_search",
        "communications",
        ("tenant_id", "search"),
        {"postgresql_using": "gin", "postgresql_with": {"fastupdate": "off"}},
    ),
    ("ix_communications_tenant_id_id", "communications", ("tenant_id", "id"), _UNSEARCHED),
    ("ix_contacts_tenant_id_id", "contacts", ("tenant_id", "id"), _UNSEARCHED),
)


def upgrade() -> None:
    """Expand the schema; the running version must go on working."""
    # Outside of a transaction, so one that was broken off leaves an invalid index, which is made anew.
    with op.get_context().autocommit_block():
        for name, table, columns, options in _INDEXES:
            op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)
            op.create_index(name, table, list(columns), if_not_exists=True, postgresql_concurrently=True, **options)
        op.execute("BEGIN")
        for table, column in (("communications", "channel"), ("communications", "direction"), ("customers", "size")):
            op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_{column}")
        op.execute("COMMIT")
