"""Several phones, addresses and registrations of a customer."""

from sqlalchemy.dialects import postgresql
import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand the schema; the running version must go on working."""
    op.add_column("customers", sa.Column("name_latin", sa.Text(), nullable=True))
    op.add_column("customers", sa.Column("short_name", sa.Text(), nullable=True))
    op.add_column("customers", sa.Column("size", sa.Text(), nullable=True))
    op.add_column("customers", sa.Column("source", sa.Text(), nullable=True))
    op.add_column("customers", sa.Column("status_reason", sa.Text(), nullable=True))
    op.add_column("customers", sa.Column("status_note", sa.Text(), nullable=True))
    op.add_column("customers", sa.Column("status_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "customers",
        sa.Column(
            "registrations",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
    )
    # Not validated: the column is new, so there is nothing to look at.
    sizes = "size IN ('micro', 'small', 'medium', 'large')"
    op.create_check_constraint(op.f("ck_customers_size"), "customers", sizes, postgresql_not_valid=True)
