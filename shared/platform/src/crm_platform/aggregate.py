"""Aggregates: frozen states with a version, and their binding to table and event snapshot."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Generic, Self, TypeVar
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, TypeAdapter

from crm_contracts.base import Money, Snapshot


class AggregateState(BaseModel):
    """The state of one aggregate, immutable; rules are methods that return the next state.

    The platform fills ``version`` and the authorship fields when the state is written.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: UUID
    version: int = 0
    created_at: datetime | None = None
    created_by: str | None = None
    updated_at: datetime | None = None
    updated_by: str | None = None

    def with_(self, **changes: Any) -> Self:
        """The same state with some fields replaced (already checked by the schema of the request)."""
        return self.model_copy(update=changes)


class OwnedState(AggregateState):
    """State of an aggregate that belongs to a person and a team, which decides who sees it."""

    owner_id: UUID | None = None
    team_id: UUID | None = None


S = TypeVar("S", bound=AggregateState)

AUTHORSHIP = ("created_at", "created_by", "updated_at", "updated_by")


@dataclass(frozen=True, slots=True)
class AggregateSpec(Generic[S]):
    """What an aggregate is called, what its state and its snapshot are, and how fields map to columns.

    ``Money`` fields map to two columns, nested models and lists of them to JSONB, all else to a
    column of the same name. ``derived`` columns are computed from the state whenever it is written.
    ``sealed`` members have no columns, and neither snapshots nor dumps tell of them: see ``crm_platform.sealing``. With
    ``sealed_when``, a member of the state, that goes for states in which it is true; columns they have all the same.
    """

    name: str
    state: type[S]
    snapshot: type[Snapshot]
    columns: frozenset[str]
    derived: Mapping[str, Callable[[S], Any]] = field(default_factory=dict)
    sealed: Mapping[str, Any] = field(default_factory=dict)
    """Names of the sealed members, and what stands in their place where they are not told."""
    sealed_when: str | None = None
    _json: Mapping[str, TypeAdapter[Any]] = field(init=False, repr=False)
    _money: frozenset[str] = field(init=False, repr=False)
    _plain: tuple[str, ...] = field(init=False, repr=False)
    _compared: tuple[str, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        fields = {name: info for name, info in self.state.model_fields.items() if name not in self.without_column}
        money = frozenset(name for name in fields if f"{name}_amount" in self.columns)
        json_fields = {
            name: TypeAdapter(info.annotation)
            for name, info in fields.items()
            if name not in money and info.annotation is not None and _is_nested(info.annotation)
        }
        plain = tuple(name for name in fields if name not in money and name not in json_fields)
        missing = (set(plain) | set(json_fields)) - self.columns
        if missing:
            message = f"{self.name}: no column for {sorted(missing)}"
            raise TypeError(message)
        object.__setattr__(self, "_money", money)
        object.__setattr__(self, "_json", json_fields)
        object.__setattr__(self, "_plain", plain)
        compared = tuple(name for name in self.state.model_fields if name not in {*AUTHORSHIP, "version"})
        object.__setattr__(self, "_compared", compared)

    @property
    def without_column(self) -> frozenset[str]:
        """The members that no column ever holds in the clear."""
        return frozenset(() if self.sealed_when is not None else self.sealed)

    def closed(self, state: S) -> Mapping[str, Any]:
        """The members of ``state`` that are sealed, and what stands in their place."""
        return self.sealed if self.sealed_when is None or getattr(state, self.sealed_when) else {}

    def to_row(self, state: S, dumped: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Column values of ``state``; of ``dumped``, the state ready for JSON, nested ones are taken if at hand."""
        if self.sealed_when is not None and (closed := self.closed(state)):
            state, dumped = state.model_copy(update=dict(closed)), None
        values = state.__dict__
        row: dict[str, Any] = {name: _plain_value(values[name]) for name in self._plain}
        for name in self._money:
            value: Money | None = getattr(state, name)
            row[f"{name}_amount"] = value.amount if value else None
            row[f"{name}_currency"] = value.currency if value else None
        for name, adapter in self._json.items():
            row[name] = _dumped(adapter, values[name]) if dumped is None else dumped[name]
        for name, compute in self.derived.items():
            row[name] = compute(state)
        return row

    def from_row(self, row: Mapping[str, Any], sealed: bytes | None = None) -> S:
        """The state kept in ``row``; ``sealed`` is the JSON object of its sealed members."""
        values = dict(row)
        if sealed is not None:
            values |= orjson.loads(sealed)
        for name in self._money:
            amount = values.pop(f"{name}_amount")
            currency = values.pop(f"{name}_currency")
            values[name] = None if amount is None else Money(amount=amount, currency=currency)
        return self.state.model_validate(values)

    def to_snapshot(self, state: S) -> Snapshot:
        """The state as events carry it, its sealed members empty."""
        if self.sealed:
            state = state.model_copy(update=dict(self.closed(state)))
        return self.snapshot.model_validate(state, from_attributes=True)

    def difference(self, before: S, after: S) -> tuple[str, ...]:
        """Names of the fields that differ, authorship and version aside."""
        one, other = before.__dict__, after.__dict__  # most values are the very same, as states are copies of states
        return tuple(name for name in self._compared if one[name] is not other[name] and one[name] != other[name])

    def dump(self, state: S, names: Collection[str] | None = None) -> dict[str, Any]:
        """JSON-ready values of ``state`` but for its sealed members, all or only ``names``; for audit entries."""
        closed = self.closed(state).keys()
        return state.model_dump(
            mode="json",
            include=set(names) - closed if names is not None else None,
            exclude=set(closed) or None,
        )


_PLAIN_TYPES = frozenset({str, int, bool, UUID, datetime})


def _is_nested(annotation: Any) -> bool:
    """Whether values of this type need JSONB: models, and lists of models."""
    if isinstance(annotation, type):
        return (issubclass(annotation, BaseModel) and annotation is not Money) or annotation is dict
    return any(_is_nested(argument) for argument in getattr(annotation, "__args__", ()))


def _dumped(adapter: TypeAdapter[Any], value: Any) -> Any:
    """A nested value as JSON; most lists are empty."""
    if value is None:
        return None
    return [] if value == () else adapter.dump_python(value, mode="json")


def _plain_value(value: Any) -> Any:
    if value is None or type(value) in _PLAIN_TYPES:
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [_plain_value(item) for item in value]
    return value
