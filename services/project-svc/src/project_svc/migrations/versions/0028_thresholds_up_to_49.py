"""thresholds of risks up to 49."""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand the schema; the running version must go on working."""
    # What was allowed stays allowed; 0029 looks at the old rows.
    op.execute(
        "-- squawk-ignore ban-drop-constraint\n"
        "ALTER TABLE projects DROP CONSTRAINT ck_projects_risk_threshold, ADD CONSTRAINT ck_projects_risk_threshold"
        " CHECK (risk_threshold BETWEEN 1 AND 49) NOT VALID"
    )
