"""What of projects concerns a person, and its content as iCalendar (RFC 5545)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from crm_platform.context import Caller
from crm_platform.icalendars import Entry, icalendar_of
from crm_platform.words import Words

TITLE = Words("Project work", "项目工作")
MOST_ENTRIES: Final = 1000
"""The earliest of a calendar; what is overdue comes first, and what is far away is left out."""


class Kind(StrEnum):
    """What an entry is about."""

    TASK = "task"
    MILESTONE = "milestone"
    DELIVERY = "delivery"
    OUTCOME = "outcome"
    GATE = "gate"


_WORDS: Mapping[Kind, Words] = {
    Kind.TASK: Words("Task", "任务"),
    Kind.MILESTONE: Words("Milestone", "里程碑"),
    Kind.DELIVERY: Words("Delivery due", "交付到期"),
    Kind.OUTCOME: Words("Outcome review", "成果评审"),
    Kind.GATE: Words("Quality gate", "质量门"),
}
_NEEDS: Mapping[Kind, tuple[str, str, frozenset[str]]] = {
    Kind.TASK: ("projects:read", "tasks", frozenset({"name", "description"})),
    Kind.MILESTONE: ("projects:read", "tasks", frozenset({"name", "description"})),
    Kind.DELIVERY: ("deliveries:read", "deliveries", frozenset({"name", "due_on"})),
    Kind.OUTCOME: ("outcomes:read", "outcomes", frozenset({"name", "review_on"})),
    Kind.GATE: ("projects:read", "quality-gates", frozenset({"name", "planned_on"})),
}
"""Scope, collection, and the members of its records that an entry tells."""


def kinds_for(caller: Caller) -> list[Kind]:
    """What a caller's calendar may hold: kinds that they may read, and of which no member is hidden or masked."""
    unseen = {(rule.resource, rule.member) for rule in caller.fields if rule.level != "read"}
    if ("projects", "name") in unseen or not caller.may("projects:read"):
        return []
    return [
        kind
        for kind, (scope, resource, members) in _NEEDS.items()
        if caller.may(scope) and unseen.isdisjoint((resource, member) for member in members)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """A record that concerns a person.

    Attributes:
        kind: Of the record.
        id: Of the record.
        project_id: Where it belongs.
        project: What that is called.
        name: What the record is called.
        description: What else there is to say.
        sequence: Grows with every change.
        changed_at: When it was changed last.
        on_day: When it is due; None where the schedule says when.
    """

    kind: Kind
    id: UUID
    project_id: UUID
    project: str
    name: str
    description: str
    sequence: int
    changed_at: datetime
    on_day: date | None


Dates = Mapping[UUID, tuple[datetime, datetime]]
"""Start and finish of tasks, by their schedule."""


def calendar(concerns: Iterable[Concern], dates: Dates, language: str) -> bytes:
    """The calendar as text/calendar; tasks without dates are left out."""
    entries = [entry for one in concerns if (entry := _entry(one, dates, language)) is not None]
    entries.sort(key=lambda entry: (_day(entry.begin), entry.uid))
    return icalendar_of(TITLE.into(language), entries[:MOST_ENTRIES])


def _day(begin: date) -> date:
    return begin.date() if isinstance(begin, datetime) else begin


def _entry(one: Concern, dates: Dates, language: str) -> Entry | None:
    span: tuple[date, date] | None = dates.get(one.id)
    if one.on_day is not None:
        span = one.on_day, one.on_day + timedelta(days=1)
    if span is None:
        return None
    return Entry(
        uid=f"{one.kind.value}-{one.id}",
        sequence=one.sequence,
        changed_at=one.changed_at,
        begin=span[0],
        end=span[1],
        summary=f"{_WORDS[one.kind].into(language)}: {one.name} · {one.project}",
        description=one.description,
    )
