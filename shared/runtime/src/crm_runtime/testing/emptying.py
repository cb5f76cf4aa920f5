"""Bringing a used test database back to what its template was: milliseconds, where a copy takes tenths of a second."""

from collections.abc import Mapping
from typing import Final

from crm_platform.db.preparation import Connection

# Whoever changed the catalogues leaves a newer transaction or another number of rows there. Deleting rows of tables
# and setting sequences does neither.
_CATALOGUES: Final = (
    "pg_class",
    "pg_attribute",
    "pg_attrdef",
    "pg_constraint",
    "pg_index",
    "pg_trigger",
    "pg_policy",
    "pg_proc",
    "pg_type",
    "pg_namespace",
    "pg_extension",
    "pg_default_acl",
)
_SHAPE: Final = " || ',' || ".join(
    f"(SELECT count(*) || ':' || coalesce(max(xmin::text::bigint), 0) FROM {catalogue})" for catalogue in _CATALOGUES
)

_END_SESSIONS: Final = """
SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
AND NOT (state = 'idle' AND application_name = ANY($1::text[]))
"""

_LEFT: Final = """
SELECT application_name, count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' GROUP BY 1
"""

_OWN_TABLES: Final = """
SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND c.relname <> 'alembic_version'
"""

_NO_TABLE: Final = "SELECT '' WHERE false"

_REWIND: Final = """
SELECT setval(format('%I.%I', schemaname, sequencename), start_value, false) FROM pg_sequences
WHERE last_value IS NOT NULL
"""


async def shape_of(connection: Connection) -> str | None:
    """What identifies the schema as it is now; None if there are rows, which nobody could bring back."""
    for table in await connection.fetch(_OWN_TABLES):
        if await connection.fetchval(f"SELECT EXISTS (SELECT 1 FROM {table[0]})"):
            return None
    return str(await connection.fetchval(f"SELECT {_SHAPE}"))


async def empty(connection: Connection, shape: str, kept: Mapping[str, int] | None = None) -> bool:
    """Remove sessions and rows and rewind sequences; False when the schema is not what it was.

    Args:
        connection: A superuser's, into the database.
        shape: What :func:`shape_of` gave when the database was new.
        kept: Sessions that stay if they are idle, by application name: how many there may be. With more it is False.
    """
    kept = kept or {}
    await connection.fetch(_END_SESSIONS, list(kept))
    if any(number > kept.get(name, 0) for name, number in await connection.fetch(_LEFT)):
        return False
    if await connection.fetchval(f"SELECT {_SHAPE}") != shape:
        return False
    tables = [row[0] for row in await connection.fetch(_OWN_TABLES)]
    # Asking all of them at once, by a plan that is kept, costs a quarter of deleting from each.
    filled = await connection.fetch(
        " UNION ALL ".join([_NO_TABLE, *(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in tables)])
    )
    deletions = ";".join(f"DELETE FROM {row[0]}" for row in filled)
    # As a replica no foreign key and no trigger stands in the way.
    await connection.execute(f"SET session_replication_role = replica; {deletions}")
    await connection.execute(_REWIND)
    return True
