"""A calendar feed: its secret address, and its content as iCalendar (RFC 5545)."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from crm_platform.aggregate import OwnedState
from crm_platform.icalendars import Entry, icalendar_of
from crm_platform.words import Words

NOUN = Words("calendar feed", "日历订阅")
TITLE = Words("Follow-ups", "跟进事项")

_LENGTH = timedelta(minutes=30)


class CalendarFeed(OwnedState):
    """The address that the owner's calendar program was given."""

    label: str
    language: str
    revoked_at: datetime | None = None

    def revoked(self, now: datetime) -> "CalendarFeed":
        """Without effect from now on; one that has none already stays as it is."""
        return self if self.revoked_at is not None else self.with_(revoked_at=now)


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
        id: Of the communication.
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

    def entry(self) -> Entry:
        """The entry of a calendar."""
        return Entry(
            uid=f"follow-up-{self.id}",
            sequence=self.sequence,
            changed_at=self.changed_at,
            begin=self.due_at,
            end=self.due_at + _LENGTH,
            summary=f"{self.subject} · {self.customer}",
            description=self.about,
            remind_at=self.remind_at,
        )


def calendar(appointments: Sequence[Appointment], language: str) -> bytes:
    """The calendar as text/calendar."""
    return icalendar_of(TITLE.into(language), [appointment.entry() for appointment in appointments])
