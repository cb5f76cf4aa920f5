"""Attempts at events outlive the process."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand the schema; the running version must go on working."""
    op.add_column("consumer_position", sa.Column("starts", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("consumer_position", sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False))
