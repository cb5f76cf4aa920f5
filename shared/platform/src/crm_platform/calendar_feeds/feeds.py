"""Use cases of calendar feeds, for one aggregate of them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, Table, Uuid, bindparam, insert, select

from crm_contracts.base import DomainEvent
from crm_platform.calendar_feeds.domain import CalendarFeed
from crm_platform.calendar_feeds.errors import CalendarOfNobody
from crm_platform.calendar_feeds.schemas import CalendarFeedCreate
from crm_platform.db import Connection, Query
from crm_platform.errors import NotFound
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.secret_addresses import Place, hash_of, new_secret, opens
from crm_platform.store import Aggregate
from crm_platform.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Issued:
    """A new feed, and the path that opens it."""

    feed: Rendered
    path: str


@dataclass(frozen=True, slots=True)
class Known:
    """A feed whose secret was the right one.

    Attributes:
        place: Where it is.
        owner_id: Whose calendar it is.
        language: In which the owner spoke when it was made.
    """

    place: Place
    owner_id: UUID
    language: str


class CalendarFeeds:
    """The calendar feeds of one service.

    Args:
        aggregate: Theirs, on a table of :func:`crm_platform.calendar_feeds.tables.feeds_table`.
        secrets: The table of what is kept of their secrets.
        created: Tells that there is a new one.
        revoked: Tells that one was withdrawn.
        path: Of the public collection under which calendars are shown.
    """

    def __init__(
        self,
        aggregate: Aggregate[CalendarFeed],
        secrets: Table,
        *,
        created: type[DomainEvent[Any]],
        revoked: type[DomainEvent[Any]],
        path: str,
    ) -> None:
        self.aggregate = aggregate
        self._created, self._revoked, self._path = created, revoked, path
        feeds, is_usable = aggregate.table, aggregate.table.c.revoked_at.is_(None)
        values = {"feed_id": bindparam("feed_id", type_=Uuid), "hash": bindparam("hash", type_=LargeBinary)}
        self._store = Query(insert(secrets).values(values))
        self._find = Query(
            select(feeds.c.owner_id, feeds.c.language, secrets.c.hash)
            .join(secrets, secrets.c.feed_id == feeds.c.id)
            .where(feeds.c.id == bindparam("id", type_=Uuid), is_usable)
        )
        self._usable = Query(
            select(feeds.c.id).where(feeds.c.owner_id == bindparam("owner", type_=Uuid), is_usable).order_by(feeds.c.id)
        )

    async def create(self, unit: UnitOfWork, body: CalendarFeedCreate) -> Issued:
        """Give a person an address for a calendar program.

        Raises:
            CalendarOfNobody: The caller is a machine.
        """
        caller = unit.caller
        if caller.kind != "user":
            raise CalendarOfNobody
        owner = {"owner_id": caller.id, "team_id": caller.team_id}
        feed = CalendarFeed(id=new_id(), **owner, label=body.label, language=caller.language)
        rendered = await unit.insert(self.aggregate, feed, self._created)
        secret = new_secret()
        await unit.connection.execute(self._store.text, *self._store.args(feed_id=feed.id, hash=hash_of(secret)))
        return Issued(rendered, f"/v1/{self._path}/{Place(caller.tenant_id, feed.id)}.ics?secret={secret}")

    async def revoke(self, unit: UnitOfWork, id: UUID, *, if_match: object, reason: str | None) -> Rendered:
        """Withdraw an address for good.

        Raises:
            NotFound: No such feed, or not visible.
        """
        before = await unit.load(self.aggregate, id, if_match=if_match)
        return await unit.update(self.aggregate, before, before.revoked(unit.now), self._revoked, reason=reason)

    async def revoke_of(self, unit: UnitOfWork, user_id: UUID, *, reason: str) -> None:
        """Withdraw all addresses of a person."""
        rows = await unit.connection.fetch(self._usable.text, *self._usable.args(owner=user_id))
        states = (await unit.find_many(self.aggregate, [row["id"] for row in rows])).values()
        changes = [(feed, feed.revoked(unit.now)) for feed in states]
        await unit.update_many(self.aggregate, changes, self._revoked, reason=reason)

    def place_of(self, name: str) -> Place:
        """What the part of an address that is no secret names.

        Raises:
            NotFound: It is no such name.
        """
        place = Place.parse(name)
        if place is None:
            raise NotFound(what=self.aggregate.resource.what, id=name)
        return place

    async def open(self, connection: Connection, place: Place, secret: str) -> Known:
        """The feed behind an address.

        Raises:
            NotFound: There is no such address (any more), or the secret is another; nothing tells which.
        """
        row = await connection.fetchrow(self._find.text, *self._find.args(id=place.record_id))
        if row is None or not opens(row["hash"], secret):
            raise NotFound(what=self.aggregate.resource.what, id=str(place))
        return Known(place, row["owner_id"], row["language"])
