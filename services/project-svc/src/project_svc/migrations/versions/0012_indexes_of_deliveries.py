"""Indexes of what deliveries have more, made while the table is in use."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_INDEXES: tuple[tuple[str, list[str], dict[str, Any]], ...] = (
    ("ix_deliveries_part_of", ["tenant_id", "part_of"], {"postgresql_where": sa.text("part_of IS NOT NULL")}),
    ("ix_deliveries_deemed_on", ["tenant_id", "deemed_on"], {"postgresql_where": sa.text("deemed_on IS NOT NULL")}),
    ("ix_deliveries_occurrence", ["tenant_id", "schedule_id", "occurrence"], {"unique": True}),
)


def upgrade() -> None:
    """Expand the schema; the running version must go on working."""
    # Outside of a transaction, so one that was broken off leaves an invalid index, which is made anew.
    with op.get_context().autocommit_block():
        for name, columns, options in _INDEXES:
            op.drop_index(name, "deliveries", if_exists=True, postgresql_concurrently=True)
            op.create_index(name, "deliveries", columns, if_not_exists=True, postgresql_concurrently=True, **options)
