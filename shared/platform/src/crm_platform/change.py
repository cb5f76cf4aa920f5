"""One change of one aggregate: what the statement that writes it says in the row, the audit entry and the event."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Generic, TypeVar
from uuid import UUID

from crm_contracts.base import DomainEvent
from crm_platform.aggregate import AggregateState
from crm_platform.context import Cause
from crm_platform.custom_fields.columns import CUSTOM
from crm_platform.custom_fields.fieldset import FieldSet
from crm_platform.ids import new_id
from crm_platform.sealing.changes import NOTHING_SEALED, SealedChange, UnitKeys
from crm_platform.store import Aggregate

S = TypeVar("S", bound=AggregateState)

ORIGIN_MEMBER = "$origin"
"""The member of ``after`` of an audit entry that says through which system the change came; no state has such a name.

In there and not in a column, it is under the hash of every sealer, whichever version of the program runs it.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Generic[S]):
    """A change that is about to be written.

    Attributes:
        before: The state before; None for a new aggregate.
        after: The state after, with its version and authorship.
        event: What tells of it.
        reason: What it is for, where that was said.
        cause: Where it comes from.
        at: The moment at which it happens.
        id: Of the event, and of the audit entry that is about the same.
    """

    aggregate: Aggregate[S]
    before: S | None
    after: S
    event: type[DomainEvent[Any]]
    reason: str | None
    cause: Cause
    at: datetime
    id: UUID = field(default_factory=new_id)

    def arguments(self, keys: UnitKeys, told: S) -> dict[str, Any]:
        """Parameters of the row, the audit entry and the outbox row; ``told`` is the state as events carry it.

        Raises:
            PersonalDataErased: It sets personal data of a subject whose key is destroyed.
        """
        changed = self.aggregate.spec.difference(self.before, self.after) if self.before is not None else ()
        values = self.after.model_dump(mode="json")
        sealed = self._seal(keys, changed, values)
        arguments = self.aggregate.row_values(self.after, values)
        arguments |= self._audit(keys, changed, sealed, values)
        arguments |= self._outbox(told, changed, sealed)
        if self.aggregate.sealed is not None:
            arguments["row_sealed"] = sealed.row
            arguments |= keys.found_by(self.aggregate.sealed, self.before, self.after)
        return arguments

    def _seal(self, keys: UnitKeys, changed: tuple[str, ...], values: Mapping[str, Any]) -> SealedChange:
        part = self.aggregate.sealed
        if part is None:
            return NOTHING_SEALED
        return keys.seal(part, self.before, self.after, changed, values, aggregate_type=self.aggregate.name)

    def _audit(
        self, keys: UnitKeys, changed: tuple[str, ...], sealed: SealedChange, values: Mapping[str, Any]
    ) -> dict[str, Any]:
        before, after, was = self.before, values, None
        if before is not None:
            after = {name: values[name] for name in changed}
            was = self._side(keys, "before", before, before.model_dump(mode="json", include=set(changed)), sealed)
        return {
            "audit_entry_id": self.id,
            "audit_aggregate_type": self.aggregate.name,
            "audit_aggregate_id": self.after.id,
            "audit_version": self.after.version,
            "audit_action": self.event.type,
            "audit_actor": self.cause.actor,
            "audit_at": self.at,
            "audit_before": was,
            "audit_after": self._side(keys, "after", self.after, after, sealed) | {ORIGIN_MEMBER: self.cause.origin},
            "audit_reason": self.reason,
            "audit_correlation_id": self.cause.correlation_id,
        }

    def _side(
        self, keys: UnitKeys, side: str, state: S, values: Mapping[str, Any], sealed: SealedChange
    ) -> dict[str, Any]:
        """One side of the audit entry: members of ``state`` with their JSON-ready ``values``, some of them sealed."""
        spec, trail = self.aggregate.spec, self.aggregate.trail
        never = spec.closed(state)
        about = trail or self.aggregate.sealed
        if about is None:
            return {name: value for name, value in values.items() if name not in never}
        of_trail = [name for name in (trail.members if trail else ()) if name in values]
        closed = dict.fromkeys([*sealed.members, *of_trail])
        told = keys.side(self.id, side, about.subject_of(state), {name: values[name] for name in closed})
        hidden = {*never, *closed} if told else never
        return {name: value for name, value in values.items() if name not in hidden} | told

    def _outbox(self, told: S, changed: tuple[str, ...], sealed: SealedChange) -> dict[str, Any]:
        state = self.aggregate.spec.to_snapshot(told)
        event = self.event(state=state, changed=changed, reason=self.reason, sealed=sealed.event)
        return {
            "event_event_id": self.id,
            "event_aggregate_type": self.aggregate.name,
            "event_aggregate_id": self.after.id,
            "event_version": self.after.version,
            "event_type": self.event.type,
            "event_topic": self.event.topic,
            "event_occurred_at": self.at,
            "event_headers": _headers(self.cause),
            "event_payload": event.model_dump_json().encode(),
        }


@lru_cache(maxsize=256)
def _headers(cause: Cause) -> Mapping[str, Any]:
    """The same object for all changes of one cause, so that many of them carry it once."""
    return {
        "correlation_id": str(cause.correlation_id),
        "causation_id": str(cause.causation_id) if cause.causation_id else None,
        "actor": cause.actor,
        "origin": cause.origin,
        "traceparent": cause.traceparent,
    }


def touched_by(aggregate: Aggregate[S], before: S | None, after: S, fields: FieldSet | None) -> dict[str, Any]:
    """The members that a change sets, with their new values; of a new state those that say something."""
    if before is not None:
        touched = {name: getattr(after, name) for name in aggregate.spec.difference(before, after)}
    else:
        members = aggregate.spec.state.model_fields
        told = {name: getattr(after, name) for name in members}
        usual = {name: info.get_default(call_default_factory=True) for name, info in members.items()}
        touched = {name: value for name, value in told.items() if value != usual[name]}
    if fields is None or touched.pop(CUSTOM, None) is None:
        return touched
    given = fields.given(None if before is None else getattr(before, CUSTOM), getattr(after, CUSTOM))
    return touched | {f"{CUSTOM}.{key}": value for key, value in given.items()}
