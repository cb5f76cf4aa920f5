"""Queries of the calendar feeds beyond load, insert and update."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ARRAY, LargeBinary, Uuid, bindparam, insert, select

from crm_platform.db import Connection, Query
from customer_svc.calendar_feeds.models import calendar_feed_secrets, calendar_feeds

_STORE = Query(
    insert(calendar_feed_secrets).values(
        feed_id=bindparam("feed_id", type_=Uuid), hash=bindparam("hash", type_=LargeBinary)
    )
)
_FIND = Query(
    select(calendar_feeds.c.owner_id, calendar_feeds.c.language, calendar_feed_secrets.c.hash)
    .join(calendar_feed_secrets, calendar_feed_secrets.c.feed_id == calendar_feeds.c.id)
    .where(calendar_feeds.c.id == bindparam("id", type_=Uuid), calendar_feeds.c.revoked_at.is_(None))
)
_USABLE = Query(
    select(calendar_feeds.c.id)
    .where(
        calendar_feeds.c.owner_id == bindparam("owners", type_=ARRAY(Uuid)).any_(),
        calendar_feeds.c.revoked_at.is_(None),
    )
    .order_by(calendar_feeds.c.id)
)


@dataclass(frozen=True, slots=True)
class Known:
    """What opens a feed, and what it shows."""

    owner_id: UUID
    language: str
    hash: bytes


async def store_hash(connection: Connection, feed_id: UUID, hash: bytes) -> None:
    """Keep what is kept of a secret."""
    await connection.execute(_STORE.text, *_STORE.args(feed_id=feed_id, hash=hash))


async def find(connection: Connection, id: UUID) -> Known | None:
    """The feed of this id, as long as it was not revoked."""
    row = await connection.fetchrow(_FIND.text, *_FIND.args(id=id))
    return None if row is None else Known(row["owner_id"], row["language"], row["hash"])


async def usable(connection: Connection, owners: Sequence[UUID]) -> list[UUID]:
    """The feeds of these people that were not revoked."""
    return [row[0] for row in await connection.fetch(_USABLE.text, *_USABLE.args(owners=list(owners)))]
