"""Use cases of calendar feeds."""

from dataclasses import dataclass
from uuid import UUID

from crm_contracts.communication.v1 import CalendarFeedCreated, CalendarFeedRevoked
from crm_platform.db import Database
from crm_platform.errors import NotFound
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.secret_addresses import Place, new_secret
from crm_platform.uow import UnitOfWork
from customer_svc.calendar_feeds import repository
from customer_svc.calendar_feeds.domain import (
    NOUN,
    Appointment,
    CalendarFeed,
    calendar,
    hash_of,
    opens,
)
from customer_svc.calendar_feeds.errors import CalendarOfNobody
from customer_svc.calendar_feeds.models import CALENDAR_FEEDS
from customer_svc.calendar_feeds.schemas import CalendarFeedCreate
from customer_svc.communications import service as communications


@dataclass(frozen=True, slots=True)
class Issued:
    """A new feed, and the path that opens it."""

    feed: Rendered
    path: str


async def create_feed(unit: UnitOfWork, body: CalendarFeedCreate) -> Issued:
    """Give a person an address for a calendar program.

    Raises:
        CalendarOfNobody: The caller is a machine.
    """
    caller = unit.caller
    if caller.kind != "user":
        raise CalendarOfNobody
    owner = {"owner_id": caller.id, "team_id": caller.team_id}
    feed = CalendarFeed(id=new_id(), **owner, label=body.label, language=caller.language)
    rendered = await unit.insert(CALENDAR_FEEDS, feed, CalendarFeedCreated)
    secret = new_secret()
    await repository.store_hash(unit.connection, feed.id, hash_of(secret))
    return Issued(rendered, f"/v1/calendars/{Place(caller.tenant_id, feed.id)}.ics?secret={secret}")


async def revoke_feed(unit: UnitOfWork, id: UUID, *, if_match: object, reason: str | None) -> Rendered:
    """Withdraw an address for good.

    Raises:
        NotFound: No such feed, or not visible.
    """
    before = await unit.load(CALENDAR_FEEDS, id, if_match=if_match)
    return await unit.update(CALENDAR_FEEDS, before, before.revoked(unit.now), CalendarFeedRevoked, reason=reason)


async def revoke_feeds_of(unit: UnitOfWork, user_id: UUID) -> None:
    """Withdraw all addresses of a person whose account has ended."""
    ids = await repository.usable(unit.connection, [user_id])
    states = (await unit.find_many(CALENDAR_FEEDS, ids)).values()
    changes = [(feed, feed.revoked(unit.now)) for feed in states]
    await unit.update_many(CALENDAR_FEEDS, changes, CalendarFeedRevoked, reason="the account has ended")


async def show_calendar(database: Database, name: str, secret: str) -> bytes:
    """The calendar behind an address.

    Raises:
        NotFound: There is no such address (any more), or the secret is another; nothing tells which.
    """
    place = Place.parse(name)
    if place is None:
        raise NotFound(what=NOUN, id=name)
    async with database.read(place.tenant_id) as connection:
        feed = await repository.find(connection, place.record_id)
        if feed is None or not opens(feed.hash, secret):
            raise NotFound(what=NOUN, id=name)
        open_ones = await communications.open_follow_ups(connection, feed.owner_id)
    return calendar([Appointment(*one) for one in open_ones], feed.language)
