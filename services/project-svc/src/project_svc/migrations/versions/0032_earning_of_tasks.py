"""How tasks earn their value."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand the schema; the running version must go on working."""
    op.add_column("tasks", sa.Column("earning", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
