"""Queries of the agreement with other systems."""

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


async def advance_revision(connection: Connection, *, system: str, external_id: str, revision: int) -> bool:
    """Remember how far the other system's changes of a record are taken in; False for one that is older."""
    arguments = _ADVANCE.args(system=system, external_id=external_id, revision=revision)
    return await connection.fetchval(_ADVANCE.text, *arguments) is not None


async def find_open_conflict(connection: Connection, *, customer_id: UUID, system: str, field: str) -> UUID | None:
    """The unsettled disagreement about a field."""
    arguments = _FIND_OPEN.args(customer_id=customer_id, system=system, field=field)
    found: UUID | None = await connection.fetchval(_FIND_OPEN.text, *arguments)
    return found
