"""Copies of teams and of who is in them, by which capacity is added up."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_TENANT = "nullif(current_setting('crm.tenant_id', true), '')::uuid"
_POLICY = f"(tenant_id = (SELECT {_TENANT}))"
_VERSION = "The record's version that this copy shows."


def upgrade() -> None:
    """Expand the schema; the running version must go on working."""
    for table, column in (
        ("known_teams", sa.Column("name", sa.Text(), nullable=True, comment="NULL once the team was deleted.")),
        ("known_members", sa.Column("team_id", sa.Uuid(), nullable=True, comment="The team of the user with this id.")),
    ):
        op.create_table(
            table,
            sa.Column("tenant_id", sa.Uuid(), server_default=sa.text(_TENANT), nullable=False),
            sa.Column("id", sa.Uuid(), nullable=False),
            sa.Column("version", sa.Integer(), nullable=False, comment=_VERSION),
            column,
            sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{table}")),
        )
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING {_POLICY} WITH CHECK {_POLICY}")
