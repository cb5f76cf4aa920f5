"""The wider check of the projects' status holds for the rows that were there before it."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Validate, under a lock that lets others read and write."""
    op.execute("ALTER TABLE projects VALIDATE CONSTRAINT ck_projects_status")
