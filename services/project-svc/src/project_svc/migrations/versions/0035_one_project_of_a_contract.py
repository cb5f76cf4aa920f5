"""A contract has one project; the index is made while the table is in use."""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_INDEX = "uq_projects_contract"


def upgrade() -> None:
    """Expand the schema; the running version must go on working. What a broken-off run has left is made anew."""
    with op.get_context().autocommit_block():
        op.drop_index(_INDEX, "projects", if_exists=True, postgresql_concurrently=True)
        op.create_index(
            _INDEX,
            "projects",
            ["tenant_id", "contract_id"],
            unique=True,
            if_not_exists=True,
            postgresql_concurrently=True,
        )
