"""A calendar feed: its secret address, and its content as iCalendar (RFC 5545)."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from icalendar import Alarm, Calendar, Event

from crm_platform.aggregate import OwnedState
from crm_platform.words import Words

NOUN = Words("calendar feed", "日历订阅")
TITLE = Words("Follow-ups", "跟进事项")

_PUBLIC = re.compile(r"([0-9a-f]{32})([0-9a-f]{32})")
_LENGTH = timedelta(minutes=30)
_REFRESH = timedelta(minutes=15)


class CalendarFeed(OwnedState):
    """The address that the owner's calendar program was given."""

    label: str
    language: str
    revoked_at: datetime | None = None

    def revoked(self, now: datetime) -> "CalendarFeed":
        """Without effect from now on; one that has none already stays as it is."""
        return self if self.revoked_at is not None else self.with_(revoked_at=now)


@dataclass(frozen=True, slots=True)
class Place:
    """The part of an address that is no secret; it names the tenant, so that row-level security holds at once."""

    tenant_id: UUID
    feed_id: UUID

    @classmethod
    def parse(cls, text: str) -> "Place | None":
        """What ``text`` names; None where it is no such name."""
        found = _PUBLIC.fullmatch(text)
        return None if found is None else cls(UUID(hex=found[1]), UUID(hex=found[2]))

    def __str__(self) -> str:
        return self.tenant_id.hex + self.feed_id.hex


def new_secret() -> str:
    """256 random bits as URL-safe text."""
    return secrets.token_urlsafe(32)


def hash_of(secret: str) -> bytes:
    """What is kept of a secret; 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).digest()


def opens(known: bytes, secret: str) -> bool:
    """Whether ``secret`` is the one whose hash is known; takes as long whichever way."""
    return hmac.compare_digest(known, hash_of(secret))


@dataclass(frozen=True, slots=True)
class Appointment:
    """One follow-up as a calendar shows it.

    Attributes:
        id: Of the communication; stays, so that programs change their entry instead of adding another.
        sequence: Grows with every change.
        changed_at: When it was changed last.
        due_at: When it is due.
        subject: What is to be done.
        customer: With whom.
        about: What was spoken of.
        remind_at: When to remind; None for not at all.
    """

    id: UUID
    sequence: int
    changed_at: datetime
    due_at: datetime
    subject: str
    customer: str
    about: str
    remind_at: datetime | None


def calendar(appointments: Sequence[Appointment], language: str) -> bytes:
    """The calendar as text/calendar. Times are in UTC, which every program shows in its owner's zone."""
    whole = Calendar()
    whole.add("prodid", "-//Guanxi//CRM//EN")
    whole.add("version", "2.0")
    whole.add("method", "PUBLISH")
    whole.add("name", TITLE.into(language))
    whole.add("x-wr-calname", TITLE.into(language))
    whole.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    whole.add("x-published-ttl", "PT15M")
    for appointment in appointments:
        whole.add_component(_event(appointment))
    return bytes(whole.to_ical())


def _event(appointment: Appointment) -> Event:
    event = Event()
    event.add("uid", f"follow-up-{appointment.id}@guanxi")
    event.add("sequence", appointment.sequence)
    event.add("dtstamp", appointment.changed_at)
    event.add("dtstart", appointment.due_at)
    event.add("dtend", appointment.due_at + _LENGTH)
    event.add("summary", f"{appointment.subject} · {appointment.customer}")
    event.add("description", appointment.about)
    event.add("status", "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    if appointment.remind_at is not None:
        event.add_component(_alarm(appointment, appointment.remind_at))
    return event


def _alarm(appointment: Appointment, at: datetime) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", appointment.subject)
    alarm.add("trigger", at, parameters={"VALUE": "DATE-TIME"})
    return alarm
