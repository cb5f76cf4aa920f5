"""contracts of projects."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand the schema; the running version must go on working."""
    op.add_column("projects", sa.Column("contract_id", sa.Uuid(), nullable=True))
