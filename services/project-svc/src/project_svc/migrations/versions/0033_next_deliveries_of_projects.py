"""What a project has to deliver next, kept with its other figures."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand the schema; the running version must go on working."""
    op.add_column("project_standings", sa.Column("delivery_id", sa.Uuid(), nullable=True))
    op.add_column("project_standings", sa.Column("delivery_on", sa.Date(), nullable=True))
