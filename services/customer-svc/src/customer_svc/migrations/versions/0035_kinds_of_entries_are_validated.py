"""The wider check of the entries' kind holds for the rows that were there before it."""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Validate, under a lock that lets others read and write."""
    op.execute("ALTER TABLE timeline_entries VALIDATE CONSTRAINT ck_timeline_entries_kind")
