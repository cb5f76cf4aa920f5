"""What of the events of all services is a happening in a customer's life, and how it is told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

from crm_contracts.base import DomainEvent, Money
from crm_platform.words import Words

NOUN = Words("timeline entry", "时间线条目")


class EntryKind(StrEnum):
    """What an entry is about; whoever may read such records sees it."""

    CUSTOMER = "customer"
    COMMUNICATION = "communication"
    REQUIREMENT = "requirement"
    OPPORTUNITY = "opportunity"
    ORDER = "order"
    PAYMENT = "payment"
    CONTRACT = "contract"
    PROJECT = "project"
    DELIVERY = "delivery"
    TICKET = "ticket"
    SURVEY = "survey"
    SERVICE_PERIOD = "service_period"


SCOPES: Mapping[EntryKind, str] = {
    EntryKind.CUSTOMER: "customers:read",
    EntryKind.COMMUNICATION: "communications:read",
    EntryKind.REQUIREMENT: "requirements:read",
    EntryKind.OPPORTUNITY: "opportunities:read",
    EntryKind.ORDER: "orders:read",
    EntryKind.PAYMENT: "orders:read",
    EntryKind.CONTRACT: "contracts:read",
    EntryKind.PROJECT: "projects:read",
    EntryKind.DELIVERY: "deliveries:read",
    EntryKind.TICKET: "tickets:read",
    EntryKind.SURVEY: "surveys:read",
    EntryKind.SERVICE_PERIOD: "service_periods:read",
}
"""The scope with which each kind is read in the service that it comes from."""

_ENTRIES = UUID("5d0c2a1e-6f0b-5b2f-9a35-6f7d2c7a9a10")
"""Namespace of the ids of entries (RFC 9562, version 5)."""


def _plain(*names: str) -> Callable[[Any], dict[str, Any]]:
    def facts(state: Any) -> dict[str, Any]:
        return {name: _shown(getattr(state, name)) for name in names}

    return facts


def _always(text: str) -> Callable[[Any], str]:
    return lambda _: text


def _shown(value: Any) -> Any:
    if isinstance(value, Money):
        return value.model_dump(mode="json")
    return value.isoformat() if hasattr(value, "isoformat") else value


@dataclass(frozen=True, slots=True)
class Happening:
    """How one kind of record appears.

    Attributes:
        events: The types of events that are entries, each with the kind of the entry.
        title: What the record is called.
        facts: What else is told of it, as JSON.
        at: When it happened; None for the moment of the change.
        current: The record is one entry that follows its state, and not one for every event.
        status: The event that stands for a state which came as a snapshot.
    """

    events: Mapping[str, EntryKind]
    title: Callable[[Any], str]
    facts: Callable[[Any], dict[str, Any]]
    at: Callable[[Any], datetime] | None = None
    current: str | None = None
    status: Callable[[Any], str] | None = None


def _events(kind: EntryKind, *names: str) -> dict[str, EntryKind]:
    return {f"{kind.value}.{name}": kind for name in names}


_STATUS_EVENTS: Mapping[str, Mapping[str, str]] = {
    "opportunity": {"prospecting": "created", "engaging": "engaged", "won": "won", "lost": "lost"},
    "order": {"open": "placed", "partly_paid": "payment_received", "paid": "paid"},
    "contract": {"draft": "created"},
    "ticket": {"new": "opened", "assigned": "opened"},
    "delivery": {
        "planned": "planned",
        "in_progress": "started",
        "submitted": "submitted",
        "rejected": "rejected",
        "accepted": "completed",
        "cancelled": "cancelled",
    },
    "survey": {"expired": "sent"},
    "project": {
        "draft": "opened",
        "active": "started",
        "on_hold": "paused",
        "completed": "completed",
        "closed": "closed",
        "cancelled": "cancelled",
    },
}
"""Which event has led to a state, where that is not the event of the same name."""


def _by_status(kind: str, field: str = "status") -> Callable[[Any], str]:
    def event(state: Any) -> str:
        status = str(getattr(state, field))
        return f"{kind}.{_STATUS_EVENTS.get(kind, {}).get(status, status)}"

    return event


HAPPENINGS: Mapping[str, Happening] = {
    "customer": Happening(
        events=_events(EntryKind.CUSTOMER, "created", "status_changed", "claimed", "released", "returned"),
        title=lambda state: str(state.name),
        facts=_plain("status", "status_reason"),
        status=_always("customer.created"),
    ),
    "communication": Happening(
        events={},
        title=lambda state: str(state.subject),
        facts=_plain("kind", "channel", "direction", "outcome"),
        at=lambda state: state.happened_at,
        current="communication.recorded",
    ),
    "requirement": Happening(
        events=_events(
            EntryKind.REQUIREMENT,
            "collected",
            "analysed",
            "confirmed",
            "planned",
            "delivered",
            "returned",
            "rejected",
            "reopened",
        ),
        title=lambda state: f"{state.number} {state.title}",
        facts=_plain("status", "status_reason", "priority"),
        status=_by_status("requirement"),
    ),
    "opportunity": Happening(
        events=_events(EntryKind.OPPORTUNITY, "created", "engaged", "won", "lost"),
        title=lambda state: str(state.name),
        facts=_plain("stage", "value", "lost_reason"),
        status=_by_status("opportunity", "stage"),
    ),
    "order": Happening(
        events=_events(EntryKind.ORDER, "placed")
        | {"order.payment_received": EntryKind.PAYMENT, "order.paid": EntryKind.PAYMENT},
        title=lambda state: str(state.number),
        facts=_plain("status", "total", "paid"),
        status=_by_status("order"),
    ),
    "contract": Happening(
        events=_events(EntryKind.CONTRACT, "created", "approved", "signed", "fulfilled", "terminated", "cancelled"),
        title=lambda state: f"{state.number} {state.title}",
        facts=_plain("status", "value", "signed_on", "valid_until", "end_reason"),
        status=_by_status("contract"),
    ),
    "project": Happening(
        events=_events(EntryKind.PROJECT, "opened", "started", "paused", "completed", "closed", "cancelled"),
        title=lambda state: str(state.name),
        facts=_plain("status", "due_on"),
        status=_by_status("project"),
    ),
    "delivery": Happening(
        events=_events(EntryKind.DELIVERY, "planned", "started", "submitted", "rejected", "completed", "cancelled"),
        title=lambda state: str(state.name),
        facts=_plain("status", "due_on", "on_time", "rejection_reason"),
        status=_by_status("delivery"),
    ),
    "ticket": Happening(
        events=_events(EntryKind.TICKET, "opened", "resolved", "reopened", "closed"),
        title=lambda state: f"{state.number} {state.subject}",
        facts=_plain("status", "kind", "priority"),
        status=_by_status("ticket"),
    ),
    "survey": Happening(
        events=_events(EntryKind.SURVEY, "sent", "answered"),
        title=_always(""),
        facts=_plain("status", "score"),
        status=_by_status("survey"),
    ),
    "service_period": Happening(
        events=_events(EntryKind.SERVICE_PERIOD, "opened", "extended"),
        title=_always(""),
        facts=_plain("starts_on", "ends_on"),
        status=_always("service_period.opened"),
    ),
}
"""By aggregate type; what is not in here is no part of a customer's timeline."""


@dataclass(frozen=True, slots=True)
class Source:
    """The record behind entries as it is now: whose it is, and which customer it is about."""

    id: UUID
    version: int
    customer_id: UUID | None
    owner_id: UUID | None
    team_id: UUID | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One happening."""

    id: UUID
    source: Source
    source_type: str
    kind: EntryKind
    type: str
    title: str
    facts: dict[str, Any]
    happened_at: datetime
    actor: str


def source_of(event: DomainEvent[Any]) -> Source:
    """The record that ``event`` tells of; a customer is about itself."""
    state = event.state
    customer_id = state.id if event.aggregate_type == "customer" else state.customer_id
    return Source(state.id, state.version, customer_id, state.owner_id, state.team_id)


def follows_state(event: DomainEvent[Any]) -> bool:
    """Whether the record is one entry, which says what the record says."""
    return HAPPENINGS[event.aggregate_type].current is not None


def entry_of(event: DomainEvent[Any], *, snapshot: bool) -> Entry | None:
    """The entry that ``event`` is, under an id that is the same whenever it is told; None where it is none.

    A snapshot is told as the event that has led to its state, since it stands for a history that nobody sends any more.
    """
    how = HAPPENINGS[event.aggregate_type]
    state, told, slot = event.state, event.type, ""
    if how.current is not None:
        told, kind = how.current, EntryKind(event.aggregate_type)
    else:
        if snapshot and how.status is not None:
            told = how.status(state)
        if told not in how.events:
            return None
        slot, kind = f":{told}:{state.version}", how.events[told]
    return Entry(
        id=uuid5(_ENTRIES, f"{state.id}{slot}"),
        source=source_of(event),
        source_type=event.aggregate_type,
        kind=kind,
        type=told,
        title=how.title(state),
        facts=how.facts(state),
        happened_at=state.updated_at if how.at is None else how.at(state),
        actor=state.created_by if how.current else state.updated_by,
    )
