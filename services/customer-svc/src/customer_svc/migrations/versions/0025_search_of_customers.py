"""Words of customers, and the view through which they are searched."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_SEARCH = """DO $do$ DECLARE owner name := session_user; reader name := session_user || '_search'; BEGIN
  EXECUTE format('GRANT SELECT (tenant_id, id, owner_id, team_id, name_key, status, created_at, updated_at, search) ON customers TO %I', reader);
  EXECUTE format('CREATE POLICY search ON customers FOR SELECT TO %I USING (true)', reader);
  EXECUTE format('GRANT CREATE ON SCHEMA %I TO %I', current_schema(), reader);
  EXECUTE format('SET LOCAL ROLE %I', reader);
  CREATE VIEW customers_searched AS SELECT id, owner_id, team_id, name_key, status, created_at, updated_at, search FROM customers WHERE tenant_id = nullif(current_setting('crm.tenant_id', true), '')::uuid;
  EXECUTE format('GRANT SELECT ON customers_searched TO %I', owner);
  RESET ROLE;
  EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM %I', current_schema(), reader);
END $do$"""


def upgrade() -> None:
    """Expand the schema; the running version must go on working."""
    op.add_column("customers", sa.Column("search", postgresql.TSVECTOR(), nullable=True))
    op.execute(_SEARCH)
