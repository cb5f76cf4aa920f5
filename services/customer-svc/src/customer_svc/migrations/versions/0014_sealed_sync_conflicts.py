"""Sealed values of sync conflicts."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand the schema; the running version must go on working."""
    op.add_column("sync_conflicts", sa.Column("sealed", sa.LargeBinary(), nullable=True))
