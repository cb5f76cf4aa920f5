"""Who owns which field of a customer, and what happens when the other side changes it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from crm_contracts.base import Money
from crm_platform.aggregate import AggregateState
from crm_platform.statemachine import StateMachine
from crm_platform.words import Words

NOUN = Words("sync conflict", "同步冲突")

ERP = "erp"


class ConflictStatus(StrEnum):
    """Life cycle of a disagreement."""

    OPEN = "open"
    KEPT_OURS = "kept_ours"
    TOOK_THEIRS = "took_theirs"


SETTLEMENT: StateMachine[ConflictStatus] = StateMachine(
    what=NOUN,
    initial=ConflictStatus.OPEN,
    transitions={
        (ConflictStatus.OPEN, "keep_ours"): ConflictStatus.KEPT_OURS,
        (ConflictStatus.OPEN, "take_theirs"): ConflictStatus.TOOK_THEIRS,
    },
)


class SyncConflict(AggregateState):
    """Another system changed a field of a customer that it does not own."""

    customer_id: UUID
    system: str
    field: str
    ours: str | None = None
    theirs: str | None = None
    status: ConflictStatus = SETTLEMENT.initial

    def completed(self, before: Mapping[str, Any]) -> "SyncConflict":
        """The conflict with the values that it had ``before`` they were sealed, where no others have been set since."""
        missing = {name: value for name, value in before.items() if getattr(self, name) is None}
        return self.with_(**missing)

    def settle(self, action: str) -> "SyncConflict":
        """The conflict after a person has decided.

        Raises:
            InvalidTransition: It is settled already.
        """
        return self.with_(status=SETTLEMENT.after(self.status, action))


@dataclass(frozen=True, slots=True)
class Division:
    """The fields of a foreign change, by what becomes of them."""

    accepted: Mapping[str, Any]
    """Fields that the other system owns."""
    disputed: Mapping[str, Any]
    """Fields that are ours and differ from what we have."""


def divide(
    system: str, current: Mapping[str, Any], incoming: Mapping[str, Any], owner_of: Callable[[str], str | None]
) -> Division:
    """Split what ``system`` wants to change by who owns the fields; ``owner_of`` gives None for our own."""
    accepted = {name: value for name, value in incoming.items() if owner_of(name) == system}
    disputed = {name: value for name, value in incoming.items() if name not in accepted and value != current.get(name)}
    return Division(accepted, disputed)


def spelled(value: Any) -> str | None:
    """A field's value as a conflict shows it."""
    if isinstance(value, Money):
        return f"{value.amount:f} {value.currency}"
    return None if value is None else str(value)
