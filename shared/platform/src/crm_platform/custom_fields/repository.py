"""Statements about definitions, and those that go over all records."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Table, Text, Uuid, bindparam, func, select

from crm_platform.custom_fields.columns import CUSTOM
from crm_platform.custom_fields.domain import CustomField
from crm_platform.custom_fields.tables import FIELDS
from crm_platform.db import Connection, Query

_RESOURCE = bindparam("resource", type_=Text)
_DEFINED = Query(
    select(*(column for column in FIELDS.c if column.name != "tenant_id"))
    .where(FIELDS.c.resource == _RESOURCE)
    .order_by(FIELDS.c.position, FIELDS.c.key)
)

# The row is locked until the end of the transaction, so that definitions of a resource change one after the other.
_NEXT_REVISION = """
INSERT INTO custom_field_revisions AS known (resource, revision) VALUES ($1, 1)
ON CONFLICT (tenant_id, resource) DO UPDATE SET revision = known.revision + 1 RETURNING revision
"""

# A session shows others of the same role only; all that write records are of the role of the service.
_WRITERS_SINCE = """
SELECT EXISTS (
  SELECT 1 FROM pg_stat_activity
  WHERE usename = current_user AND datname = current_database() AND pid <> pg_backend_pid() AND xact_start < $1
)
"""


async def next_revision(connection: Connection, resource: str) -> tuple[int, list[CustomField]]:
    """Begin a change of the definitions of a resource; returns its revision, and all that is defined."""
    revision: int = await connection.fetchval(_NEXT_REVISION, resource)
    rows: Any = await connection.fetch(_DEFINED.text, *_DEFINED.args(resource=resource))
    return revision, [CustomField.model_validate(dict(row)) for row in rows]


async def writes_since_before(connection: Connection, moment: datetime) -> bool:
    """Whether a transaction is still going on that began before ``moment``."""
    going_on: bool = await connection.fetchval(_WRITERS_SINCE, moment)
    return going_on


async def following(connection: Connection, table: Table, after: UUID, limit: int) -> list[UUID]:
    """Ids of the next records, in order."""
    statement = select(table.c.id).where(table.c.id > bindparam("after", type_=Uuid)).order_by(table.c.id)
    query = Query(statement.limit(bindparam("row_limit", type_=Integer)))
    return [row[0] for row in await connection.fetch(query.text, *query.args(after=after, row_limit=limit))]


async def count(connection: Connection, table: Table) -> int:
    """How many records there are."""
    query = Query(select(func.count()).select_from(table))
    number: int = await connection.fetchval(query.text, *query.args())
    return number


async def values(
    connection: Connection, table: Table, key: str, after: UUID, limit: int
) -> tuple[Sequence[Any], UUID | None]:
    """Ids and values of one field of the next records, in order; and the last id looked at, None where all were."""
    ids = await following(connection, table, after, limit)
    statement = select(table.c.id, table.c[CUSTOM].op("->")(bindparam("key", type_=Text)).label("value")).where(
        table.c.id.between(bindparam("first", type_=Uuid), bindparam("last", type_=Uuid)),
        table.c[CUSTOM].has_key(bindparam("key", type_=Text)),
    )
    if not ids:
        return (), None
    query = Query(statement.order_by(table.c.id))
    rows = await connection.fetch(query.text, *query.args(key=key, first=ids[0], last=ids[-1]))
    return rows, ids[-1] if len(ids) == limit else None
