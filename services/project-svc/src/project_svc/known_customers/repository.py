"""Queries of the known customers."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Text, Uuid, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert

from crm_platform.db import Connection, Query
from project_svc.known_customers.models import known_customers

_told = func.unnest(
    bindparam("ids", type_=ARRAY(Uuid)),
    bindparam("versions", type_=ARRAY(Integer)),
    bindparam("names", type_=ARRAY(Text)),
).table_valued("id", "version", "name")
_told = _told.render_derived("told")


def _put() -> Query:
    statement = insert(known_customers).from_select(
        ["id", "version", "name"], select(_told.c.id, _told.c.version, _told.c.name)
    )
    newer = statement.excluded
    return Query(
        statement.on_conflict_do_update(
            index_elements=["tenant_id", "id"],
            set_={"version": newer.version, "name": newer.name},
            where=known_customers.c.version < newer.version,
        )
    )


_PUT = _put()
_NAME = Query(select(known_customers.c.name).where(known_customers.c.id == bindparam("id", type_=Uuid)))


async def put(connection: Connection, rows: Sequence[tuple[UUID, int, str | None]]) -> None:
    """Enter ids, versions and names, each id once; what is known in a newer version stays."""
    ids, versions, names = zip(*rows, strict=True)
    await connection.execute(_PUT.text, *_PUT.args(ids=list(ids), versions=list(versions), names=list(names)))


async def name_of(connection: Connection, id: UUID) -> str | None:
    """The customer's name; None where there is no such customer."""
    name: str | None = await connection.fetchval(_NAME.text, *_NAME.args(id=id))
    return name
