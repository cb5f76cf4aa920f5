"""The checks of risks hold for the rows that were there before them; a rule has one open risk of a project."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Validate and index, under locks that let others read and write."""
    # Outside of a transaction, so one that was broken off leaves an invalid index, which is made anew.
    with op.get_context().autocommit_block():
        op.drop_index("uq_risks_of_rules", "risks", if_exists=True, postgresql_concurrently=True)
        op.create_index(
            "uq_risks_of_rules",
            "risks",
            ["tenant_id", "project_id", "rule_id"],
            unique=True,
            if_not_exists=True,
            postgresql_where=sa.text("rule_id IS NOT NULL AND status <> 'closed'"),
            postgresql_concurrently=True,
        )
        op.execute("BEGIN")
        for name in ("scales", "level", "residual_level", "strategy"):
            op.execute(f"ALTER TABLE risks VALIDATE CONSTRAINT ck_risks_{name}")
        op.execute("COMMIT")
