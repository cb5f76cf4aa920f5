"""What the system holds after a run: the other side of the comparison, as plain values."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from tests.chaos.ledger import Change


class Event(NamedTuple):
    """A row of a service's outbox."""

    event_id: UUID
    type: str
    change: Change
    correlation_id: UUID | None
    causation_id: UUID | None


class Effect(NamedTuple):
    """An event that took effect at the witness."""

    event_id: UUID
    change: Change
    correlation_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class Copies:
    """One kind of record where it belongs, and what another service keeps of it: the same columns, as text."""

    source: AbstractSet[str]
    copy: AbstractSet[str]


@dataclass(frozen=True, kw_only=True)
class History:
    """Everything that is looked at, read once the system has come to rest."""

    outboxes: Mapping[str, Sequence[Event]]
    """Rows of each service's outbox, in the order of their recording."""
    states: Mapping[str, Mapping[UUID, int]]
    """The version at which each record stands, by kind; a deleted one is absent."""
    effects: Sequence[Effect]
    """What took effect at the witness, in that order."""
    gates: Mapping[str, Mapping[tuple[str, UUID], int]]
    """The version up to which each consuming service has applied each record."""
    subscriptions: Mapping[str, AbstractSet[str]]
    """The kinds of record that each consuming service takes in."""
    copies: Mapping[str, Copies] = field(default_factory=dict)
    figures: Mapping[str, tuple[object, object]] = field(default_factory=dict)
    """Figures of the reports, each beside the same one recomputed from the services' own tables."""
    unsettled: Sequence[str] = ()
    """What had not come to rest when the time was up, in words."""

    def events(self) -> list[Event]:
        """The rows of all outboxes."""
        return [event for events in self.outboxes.values() for event in events]
