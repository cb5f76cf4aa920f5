"""The content of a calendar feed as iCalendar (RFC 5545)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from crm_platform.icalendars import Entry, icalendar_of
from crm_platform.words import Words

TITLE = Words("Follow-ups", "跟进事项")

_LENGTH = timedelta(minutes=30)


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
