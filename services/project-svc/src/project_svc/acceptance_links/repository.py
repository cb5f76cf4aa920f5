"""Queries of the links beyond load, insert and update."""

from uuid import UUID

from sqlalchemy import LargeBinary, Uuid, bindparam, insert, select

from crm_platform.db import Connection, Query
from project_svc.acceptance_links.domain import AcceptanceLink
from project_svc.acceptance_links.models import ACCEPTANCE_LINKS, acceptance_link_signatures, acceptance_links

_STORE = Query(
    insert(acceptance_link_signatures).values(
        link_id=bindparam("link_id", type_=Uuid), signature=bindparam("signature", type_=LargeBinary)
    )
)
_FIND = Query(
    select(acceptance_links, acceptance_link_signatures.c.signature)
    .join(acceptance_link_signatures, acceptance_link_signatures.c.link_id == acceptance_links.c.id)
    .where(acceptance_links.c.id == bindparam("id", type_=Uuid))
)


async def store_signature(connection: Connection, link_id: UUID, signature: bytes) -> None:
    """Keep what is kept of a link's secret."""
    await connection.execute(_STORE.text, *_STORE.args(link_id=link_id, signature=signature))


async def find(connection: Connection, id: UUID) -> tuple[AcceptanceLink, bytes] | None:
    """The link of this id and its signature, not locked."""
    row = await connection.fetchrow(_FIND.text, *_FIND.args(id=id))
    return None if row is None else (ACCEPTANCE_LINKS.spec.from_row(row), row["signature"])
