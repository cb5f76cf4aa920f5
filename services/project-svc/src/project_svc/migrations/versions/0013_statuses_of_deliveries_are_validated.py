"""The wider check of the deliveries' status holds for the rows that were there before it."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Validate, under a lock that lets others read and write."""
    op.execute("ALTER TABLE deliveries VALIDATE CONSTRAINT ck_deliveries_status")
