"""PostgreSQL: the only way to a connection, statements, tables, migrations."""

from crm_platform.db.database import Connection, Database
from crm_platform.db.query import Query

__all__ = ["Connection", "Database", "Query"]
