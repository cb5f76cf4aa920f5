"""Indexes for the search of customers, made while the table is in use."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_INDEXES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    (
        "ix_customers_tenant_id_search",
        "search",
        {"postgresql_using": "gin", "postgresql_with": {"fastupdate": "off"}},
    ),
    ("ix_customers_tenant_id_id", "id", {"postgresql_where": sa.text("search IS NULL")}),
)


def upgrade() -> None:
    """Expand the schema; the running version must go on working."""
    # Outside of a transaction, so one that was broken off leaves an invalid index, which is made anew.
    with op.get_context().autocommit_block():
        for name, column, options in _INDEXES:
            op.drop_index(name, "customers", if_exists=True, postgresql_concurrently=True)
            op.create_index(
                name, "customers", ["tenant_id", column], if_not_exists=True, postgresql_concurrently=True, **options
            )
