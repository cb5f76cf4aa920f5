"""The statements that let a table be searched under row-level security.

Under a policy PostgreSQL uses an index only for operators that provably tell nothing about other rows ("leakproof");
those of full-text search are not among them, and so would look at every row of the tenant. The way around is a view
that belongs to a role of its own, ``<service>_search``, to which a policy shows all rows, but which may read nothing
except the columns that searching needs, may not log in, and owns nothing else. The view itself names the tenant of the
session, as the policies do, and the planner sees through it (decision 0018).
"""

from sqlalchemy import Table

from crm_platform.db.preparation import SEARCH_ROLE
from crm_platform.db.schema import CURRENT_TENANT
from crm_platform.search.declare import SEARCHED, view_name


def search_access(table: Table) -> list[str]:
    """The statements for ``table``; a migration has them behind those that add its column of words."""
    columns = ", ".join(table.info[SEARCHED])
    name, view = table.name, view_name(table.name)
    return [
        _by_owner(
            f"GRANT SELECT (tenant_id, {columns}) ON {name} TO %2$I",
            f"CREATE POLICY search ON {name} FOR SELECT TO %2$I USING (true)",
            "GRANT CREATE ON SCHEMA %1$I TO %2$I",
            "SET LOCAL ROLE %2$I",
            f"CREATE VIEW {view} AS SELECT {columns} FROM {name} WHERE tenant_id = {CURRENT_TENANT}",
            f"GRANT SELECT ON {view} TO %3$I",
            "RESET ROLE",
            "REVOKE CREATE ON SCHEMA %1$I FROM %2$I",
        )
    ]


def _by_owner(*statements: str) -> str:
    """One statement that carries out others; in them ``%1$I`` is the schema, ``%2$I`` search's role, ``%3$I`` ours."""
    quoted = [statement.replace("'", "''") for statement in statements]
    names = f"current_schema(), session_user || '{SEARCH_ROLE}', session_user"
    lines = "\n".join(f"  EXECUTE format('{statement}', {names});" for statement in quoted)
    return f"DO $access$ BEGIN\n{lines}\nEND $access$"
