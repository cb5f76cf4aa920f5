"""Queries of the agreement with other systems."""

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Integer, Text, Uuid, bindparam, select
from sqlalchemy.dialects.postgresql import insert

from crm_platform.db import Connection, Query
from customer_svc.sync.domain import ConflictStatus
from customer_svc.sync.models import sync_conflicts, sync_revisions


def _advance() -> Query:
    statement = insert(sync_revisions).values(
        system=bindparam("system", type_=Text),
        external_id=bindparam("external_id", type_=Text),
        revision=bindparam("revision", type_=Integer),
    )
    newer = statement.excluded.revision
    statement = statement.on_conflict_do_update(
        index_elements=["tenant_id", "system", "external_id"],
        set_={"revision": newer},
        where=sync_revisions.c.revision < newer,
    )
    return Query(statement.returning(sync_revisions.c.revision))


_ADVANCE = _advance()
_FIND_OPEN = Query(
    select(sync_conflicts.c.id).where(
        sync_conflicts.c.customer_id == bindparam("customer_id", type_=Uuid),
        sync_conflicts.c.system == bindparam("system"),
        sync_conflicts.c.field == bindparam("field"),
        sync_conflicts.c.status == ConflictStatus.OPEN.value,
    )
)

_LEGACY: Final = """
SELECT id, ours, theirs FROM sync_conflicts
WHERE id > $1 AND (ours IS NOT NULL OR theirs IS NOT NULL) ORDER BY id LIMIT $2 FOR UPDATE
"""
_CLEAR_LEGACY: Final = "UPDATE sync_conflicts SET ours = NULL, theirs = NULL WHERE id = ANY($1)"


async def find_legacy(connection: Connection, *, after: UUID, limit: int) -> dict[UUID, dict[str, Any]]:
    """Values that the version before has written in the clear, by conflict, in order; locked."""
    rows = await connection.fetch(_LEGACY, after, limit)
    return {row["id"]: {name: row[name] for name in ("ours", "theirs")} for row in rows}


async def clear_legacy(connection: Connection, ids: Collection[UUID]) -> None:
    """Remove what stands in the clear, once it is sealed."""
    await connection.execute(_CLEAR_LEGACY, list(ids))


async def advance_revision(connection: Connection, *, system: str, external_id: str, revision: int) -> bool:
    """Remember how far the other system's changes of a record are taken in; False for one that is older."""
    arguments = _ADVANCE.args(system=system, external_id=external_id, revision=revision)
    return await connection.fetchval(_ADVANCE.text, *arguments) is not None


async def find_open_conflict(connection: Connection, *, customer_id: UUID, system: str, field: str) -> UUID | None:
    """The unsettled disagreement about a field."""
    arguments = _FIND_OPEN.args(customer_id=customer_id, system=system, field=field)
    found: UUID | None = await connection.fetchval(_FIND_OPEN.text, *arguments)
    return found
