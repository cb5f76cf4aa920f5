"""The ledger check: compares what was acknowledged with what is there. Pure, so that it can itself be tested."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from tests.chaos.history import Effect, Event, History
from tests.chaos.ledger import Change, Ledger, Outcome, Write

ONCE_PER_CAUSE = {
    "opportunity.won": ("project.opened", "customer.status_changed"),
    "delivery.completed": ("survey.sent", "service_period.opened", "service_period.extended"),
}
"""What other services do about an event, at most once each."""

ALWAYS_CAUSED = {"opportunity.won": ("project.opened",), "delivery.completed": ("survey.sent",)}
"""What must have come of every such event."""

NOBODYS_WRITES = "gateway"
"""The service whose events the workload does not cause: people and credentials are made before it begins."""


@dataclass(frozen=True)
class Verdict:
    """One promise, and everything that speaks against it."""

    name: str
    promise: str
    findings: Sequence[str]

    @property
    def kept(self) -> bool:
        """Whether nothing does."""
        return not self.findings


def check(ledger: Ledger, history: History) -> list[Verdict]:
    """Hold a run against the promises."""
    return [
        Verdict("missing", "every acknowledged write is there", list(_missing(ledger, history))),
        Verdict("lost", "every event took effect", list(_lost(history))),
        Verdict("repeated", "nothing took effect twice", list(_repeated(ledger, history))),
        Verdict(
            "phantom", "nothing is told of a write that was refused or rolled back", list(_phantom(ledger, history))
        ),
        Verdict(
            "order", "versions are 1, 2, 3 … where they are recorded and where they take effect", list(_order(history))
        ),
        Verdict("copies", "copies equal their source", list(_copies(history))),
        Verdict("analytics", "figures equal a recomputation", list(_figures(history))),
        Verdict("stuck", "nothing is left to publish, to consume or to repair", list(history.unsettled)),
    ]


def _missing(ledger: Ledger, history: History) -> Iterator[str]:
    recorded = {event.change: event for event in history.events()}
    deleted = {event.change[:2] for event in history.events() if event.type.endswith(".deleted")}
    direct = _direct_events(history)
    for write in ledger.with_outcome(Outcome.OK):
        if direct[write.id] < write.events:
            yield f"{_named(write)}: made only {direct[write.id]} of {write.events} events"
        for change in write.changes:
            event = recorded.get(change)
            if event is None or event.correlation_id != write.id:
                yield f"{_named(write)}: no event tells of {_shown(change)}"
            standing = history.states.get(change.aggregate_type, {}).get(change.aggregate_id, 0)
            if standing < change.version and change[:2] not in deleted:
                yield f"{_named(write)}: {_shown(change)} was acknowledged, the record stands at {standing}"


def _direct_events(history: History) -> Counter[UUID | None]:
    """How many events each write made by itself, not counting what others did about them."""
    return Counter(event.correlation_id for event in history.events() if event.causation_id is None)


def _lost(history: History) -> Iterator[str]:
    applied = {effect.event_id for effect in history.effects}
    for event in history.events():
        if event.event_id not in applied:
            yield f"{event.type} {_shown(event.change)} never took effect at the witness"
    caused = Counter((event.causation_id, event.type) for event in history.events())
    for event in history.events():
        for type_ in ALWAYS_CAUSED.get(event.type, ()):
            if not caused[event.event_id, type_]:
                yield f"no {type_} came of {event.type} {_shown(event.change)}"
    yield from _behind(history)


def _behind(history: History) -> Iterator[str]:
    """Consuming services that have not applied the last version of a record."""
    newest: dict[tuple[str, UUID], int] = {}
    for event in history.events():
        key = (event.change.aggregate_type, event.change.aggregate_id)
        newest[key] = max(event.change.version, newest.get(key, 0))
    for service, kinds in history.subscriptions.items():
        gates = history.gates.get(service, {})
        for key, version in newest.items():
            if key[0] in kinds and gates.get(key, 0) < version:
                yield f"{service} has applied {key[0]} {key[1]} up to {gates.get(key, 0)} of {version}"


def _repeated(ledger: Ledger, history: History) -> Iterator[str]:
    for event_id, count in Counter(effect.event_id for effect in history.effects).items():
        if count > 1:
            yield f"event {event_id} took effect {count} times"
    direct = _direct_events(history)
    for write in ledger.with_outcome(Outcome.OK, Outcome.UNKNOWN):
        if direct[write.id] > write.events:
            yield f"{_named(write)}: made {direct[write.id]} events, not {write.events}"
    types = {event.event_id: event.type for event in history.events()}
    caused = Counter((event.causation_id, event.type) for event in history.events() if event.causation_id is not None)
    for (cause, type_), count in caused.items():
        if count > 1 and type_ in ONCE_PER_CAUSE.get(types.get(cause, ""), ()):
            yield f"{count} times {type_} came of event {cause}"


def _phantom(ledger: Ledger, history: History) -> Iterator[str]:
    refused = {write.id: write for write in ledger.with_outcome(Outcome.FAILED)}
    known = {write.id for write in ledger}
    recorded = {event.event_id for event in history.events()}
    for service, events in history.outboxes.items():
        for event in events:
            if event.correlation_id in refused:
                yield f"{_named(refused[event.correlation_id])}: told as {event.type} {_shown(event.change)}"
            elif service != NOBODYS_WRITES and event.correlation_id not in known:
                yield f"{event.type} {_shown(event.change)} comes of no write that was asked for"
    for effect in history.effects:
        if effect.event_id not in recorded:
            yield f"{_shown(effect.change)} took effect, but no outbox has recorded it"


def _order(history: History) -> Iterator[str]:
    for service, events in history.outboxes.items():
        yield from (f"outbox of {service}: {text}" for text in _out_of_order(events))
    yield from (f"witness: {text}" for text in _out_of_order(history.effects))


def _out_of_order(items: Iterable[Event | Effect]) -> Iterator[str]:
    """Records whose versions do not come as 1, 2, 3 …; one line for each."""
    versions: defaultdict[tuple[str, UUID], list[int]] = defaultdict(list)
    for item in items:
        versions[item.change.aggregate_type, item.change.aggregate_id].append(item.change.version)
    for (kind, id_), found in versions.items():
        if found != list(range(1, len(found) + 1)):
            yield f"{kind} {id_} has the versions {found}"


def _copies(history: History) -> Iterator[str]:
    for name, copies in history.copies.items():
        for row in sorted(copies.source - copies.copy):
            yield f"{name}: missing or stale: {row}"
        for row in sorted(copies.copy - copies.source):
            yield f"{name}: not at the source: {row}"


def _figures(history: History) -> Iterator[str]:
    for name, (shown, recomputed) in history.figures.items():
        if shown != recomputed:
            yield f"{name}: shown {shown}, recomputed {recomputed}"


def _named(write: Write) -> str:
    return f"{write.what} {write.id} ({write.outcome}, {write.attempts} attempts)"


def _shown(change: Change) -> str:
    return f"{change.aggregate_type} {change.aggregate_id} v{change.version}"
