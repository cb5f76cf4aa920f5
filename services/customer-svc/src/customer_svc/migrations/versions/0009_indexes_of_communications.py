"""Indexes of follow-ups and of search, made while the table is in use."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_INDEXES = {
    "ix_communications_assigned": ("tenant_id", "follow_up_assignee_id", "follow_up_due_at"),
    "ix_communications_follow_ups": ("tenant_id", "follow_up_due_at", "id"),
    "ix_communications_tenant_id_search": ("tenant_id", "search"),
    "ix_communications_tenant_id_id": ("tenant_id", "id"),
}
_OPTIONS: dict[str, dict[str, Any]] = {
    "ix_communications_assigned": {"postgresql_where": sa.text("follow_up_assignee_id IS NOT NULL")},
    "ix_communications_follow_ups": {"postgresql_where": sa.text("follow_up_due_at IS NOT NULL")},
    "ix_communications_tenant_id_search": {"postgresql_using": "gin", "postgresql_with": {"fastupdate": "off"}},
    "ix_communications_tenant_id_id": {"postgresql_where": sa.text("search IS NULL")},
}


def upgrade() -> None:
    """Expand the schema; the running version must go on working."""
    # Outside of a transaction, so one that was broken off leaves an invalid index, which is made anew.
    with op.get_context().autocommit_block():
        for name, columns in _INDEXES.items():
            op.drop_index(name, "communications", if_exists=True, postgresql_concurrently=True)
            op.create_index(
                name,
                "communications",
                list(columns),
                if_not_exists=True,
                postgresql_concurrently=True,
                **_OPTIONS[name],
            )
