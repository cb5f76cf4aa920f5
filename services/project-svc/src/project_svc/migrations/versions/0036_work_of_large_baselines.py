"""work of large baselines."""

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand the schema; the running version must go on working."""
    # A project has a few baselines, so that the table is written anew within milliseconds.
    op.execute("-- squawk-ignore changing-column-type\nALTER TABLE baselines ALTER COLUMN work TYPE bigint")
