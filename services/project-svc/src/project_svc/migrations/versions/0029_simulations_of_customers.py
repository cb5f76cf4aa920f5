"""simulations are found by customer; thresholds are validated."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_INDEX = "ix_risk_simulations_tenant_id_customer_id"


def upgrade() -> None:
    """Expand the schema; the running version must go on working. What a broken-off run has left is made anew."""
    with op.get_context().autocommit_block():
        op.drop_index(_INDEX, "risk_simulations", if_exists=True, postgresql_concurrently=True)
        op.create_index(
            _INDEX,
            "risk_simulations",
            ["tenant_id", "customer_id"],
            if_not_exists=True,
            postgresql_concurrently=True,
        )
        op.execute("BEGIN")
        op.execute("ALTER TABLE projects VALIDATE CONSTRAINT ck_projects_risk_threshold")
        op.execute("COMMIT")
