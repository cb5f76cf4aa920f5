"""One change of one aggregate: what the statement that writes it says in the row, the audit entry and the event."""

from dataclasses import dataclass, field
from datetime import datetime
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
        sealed = self._seal(keys, changed)
        arguments = self.aggregate.row_values(self.after)
        arguments |= {f"audit_{name}": value for name, value in self._audit(keys, changed, sealed).items()}
        arguments |= {f"event_{name}": value for name, value in self._outbox(told, changed, sealed).items()}
        if self.aggregate.sealed is not None:
            arguments["row_sealed"] = sealed.row
            arguments |= keys.found_by(self.aggregate.sealed, self.before, self.after)
        return arguments

    def _seal(self, keys: UnitKeys, changed: tuple[str, ...]) -> SealedChange:
        part = self.aggregate.sealed
        if part is None:
            return NOTHING_SEALED
        return keys.seal(part, self.before, self.after, changed, aggregate_type=self.aggregate.name)

    def _record(self) -> dict[str, Any]:
        return {
            "aggregate_type": self.aggregate.name,
            "aggregate_id": self.after.id,
            "version": self.after.version,
        }

    def _audit(self, keys: UnitKeys, changed: tuple[str, ...], sealed: SealedChange) -> dict[str, Any]:
        before, names = self.before, None if self.before is None else changed
        return {
            "entry_id": self.id,
            **self._record(),
            "action": self.event.type,
            "actor": self.cause.actor,
            "at": self.at,
            "before": None if before is None else self._side(keys, "before", before, names, sealed),
            "after": self._side(keys, "after", self.after, names, sealed) | {ORIGIN_MEMBER: self.cause.origin},
            "reason": self.reason,
            "correlation_id": self.cause.correlation_id,
        }

    def _side(
        self, keys: UnitKeys, side: str, state: S, names: tuple[str, ...] | None, sealed: SealedChange
    ) -> dict[str, Any]:
        """One side of the audit entry: the members in ``names`` (None for all), some of them sealed."""
        shown, part, trail = self.aggregate.spec.dump(state, names), self.aggregate.sealed, self.aggregate.trail
        about = trail or part
        if about is None:
            return shown
        of_trail = [name for name in (trail.members if trail else ()) if names is None or name in names]
        closed = list(dict.fromkeys([*sealed.members, *of_trail]))
        told = keys.side(self.id, side, about.subject_of(state), state, closed)
        return {name: value for name, value in shown.items() if not told or name not in closed} | told

    def _outbox(self, told: S, changed: tuple[str, ...], sealed: SealedChange) -> dict[str, Any]:
        state = self.aggregate.spec.to_snapshot(told)
        event = self.event(state=state, changed=changed, reason=self.reason, sealed=sealed.event)
        cause = self.cause
        return {
            "event_id": self.id,
            **self._record(),
            "type": self.event.type,
            "topic": self.event.topic,
            "occurred_at": self.at,
            "headers": {
                "correlation_id": str(cause.correlation_id),
                "causation_id": str(cause.causation_id) if cause.causation_id else None,
                "actor": cause.actor,
                "origin": cause.origin,
                "traceparent": cause.traceparent,
            },
            "payload": event.model_dump_json().encode(),
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
