"""Calendars that programs subscribe to, as iCalendar (RFC 5545, RFC 7986).

Needs the extra ``icalendars`` of crm-platform.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from icalendar import Alarm, Calendar, Event

_REFRESH = timedelta(minutes=15)

MEDIA_TYPE = "text/calendar; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a calendar; times are shown in the zone of whoever looks.

    Attributes:
        uid: Stays, so that programs change their entry instead of adding another.
        sequence: Grows with every change.
        changed_at: When it was changed last.
        begin: When it begins; the day of an entry for whole days.
        end: When it ends; of an entry for whole days the day after the last.
        summary: Its title.
        description: What else there is to say.
        remind_at: When to remind; None for not at all.
    """

    uid: str
    sequence: int
    changed_at: datetime
    begin: datetime | date
    end: datetime | date
    summary: str
    description: str = ""
    remind_at: datetime | None = None


def icalendar_of(title: str, entries: Iterable[Entry]) -> bytes:
    """The calendar as text/calendar; nobody is busy for it."""
    whole = Calendar()
    whole.add("prodid", "-//Guanxi//CRM//EN")
    whole.add("version", "2.0")
    whole.add("method", "PUBLISH")
    whole.add("name", title)
    whole.add("x-wr-calname", title)
    whole.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    whole.add("x-published-ttl", "PT15M")
    for entry in entries:
        whole.add_component(_event(entry))
    return bytes(whole.to_ical())


def _event(entry: Entry) -> Event:
    event = Event()
    event.add("uid", f"{entry.uid}@guanxi")
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.changed_at)
    event.add("dtstart", entry.begin)
    event.add("dtend", entry.end)
    event.add("summary", entry.summary)
    event.add("description", entry.description)
    event.add("status", "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    if entry.remind_at is not None:
        event.add_component(_alarm(entry.summary, entry.remind_at))
    return event


def _alarm(about: str, at: datetime) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", about)
    alarm.add("trigger", at, parameters={"VALUE": "DATE-TIME"})
    return alarm
