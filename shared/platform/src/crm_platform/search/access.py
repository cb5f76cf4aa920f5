"""The statements that let a table be searched under row-level security.

Under a policy PostgreSQL uses an index only for operators that provably tell nothing about other rows ("leakproof");
those of full-text search are not among them, and so would look at every row of the tenant. The way around is a view
that belongs to a role of its own, ``<service>_search``, to which a policy shows all rows, but which may read nothing
except the columns that searching needs, may not log in, and owns nothing else. The view itself names the tenant of the
session, as the policies do, and the planner sees through it (decision 0020).
"""

from sqlalchemy import Table

from crm_platform.db.preparation import SEARCH_ROLE
from crm_platform.db.schema import CURRENT_TENANT
from crm_platform.search.declare import SEARCHED, view_name


def search_access(table: Table) -> list[str]:
    """The statements for ``table``; a migration has them behind those that add its column of words."""
    columns = ", ".join(table.info[SEARCHED])
    name, view = table.name, view_name(table.name)
    seen = f"SELECT {columns} FROM {name} WHERE tenant_id = {CURRENT_TENANT}"
    steps = [
        f"EXECUTE format('GRANT SELECT (tenant_id, {columns}) ON {name} TO %I', reader)",
        f"EXECUTE format('CREATE POLICY search ON {name} FOR SELECT TO %I USING (true)', reader)",
        "EXECUTE format('GRANT CREATE ON SCHEMA %I TO %I', current_schema(), reader)",
        "EXECUTE format('SET LOCAL ROLE %I', reader)",
        f"CREATE VIEW {view} AS {seen}",
        f"EXECUTE format('GRANT SELECT ON {view} TO %I', owner)",
        "RESET ROLE",
        "EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM %I', current_schema(), reader)",
    ]
    declared = f"DECLARE owner name := session_user; reader name := session_user || '{SEARCH_ROLE}';"
    return [f"DO $do$ {declared} BEGIN\n  " + ";\n  ".join(steps) + ";\nEND $do$"]
