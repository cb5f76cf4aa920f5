"""Rules of requirements: their life cycle, and how they follow the deliverable that they become."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from crm_contracts.project.v1 import DeliverySnapshot, DeliveryStatus
from crm_contracts.requirement.v1 import RequirementKind, RequirementPriority, RequirementStatus
from crm_platform.aggregate import OwnedState
from crm_platform.statemachine import StateMachine
from crm_platform.words import Words
from customer_svc.requirements.errors import (
    HandOverUnderWay,
    NotConfirmed,
    RequirementFixed,
)

NOUN = Words("requirement", "客户需求")

LIFE_CYCLE: StateMachine[RequirementStatus] = StateMachine(
    what=NOUN,
    initial=RequirementStatus.COLLECTED,
    transitions={
        (RequirementStatus.COLLECTED, "analyse"): RequirementStatus.ANALYSED,
        (RequirementStatus.ANALYSED, "confirm"): RequirementStatus.CONFIRMED,
        (RequirementStatus.CONFIRMED, "plan"): RequirementStatus.PLANNED,
        (RequirementStatus.PLANNED, "deliver"): RequirementStatus.DELIVERED,
        (RequirementStatus.PLANNED, "return"): RequirementStatus.CONFIRMED,
        (RequirementStatus.COLLECTED, "reject"): RequirementStatus.REJECTED,
        (RequirementStatus.ANALYSED, "reject"): RequirementStatus.REJECTED,
        (RequirementStatus.CONFIRMED, "reject"): RequirementStatus.REJECTED,
        (RequirementStatus.PLANNED, "reject"): RequirementStatus.REJECTED,
        (RequirementStatus.REJECTED, "reopen"): RequirementStatus.COLLECTED,
    },
)
"""`plan`, `deliver` and `return` happen to the deliverable; people take the other steps."""

OPEN_TO_CHANGE = frozenset({RequirementStatus.COLLECTED, RequirementStatus.ANALYSED})
"""States in which the content of a requirement can change; from `confirmed` on it is agreed with the customer."""

ALWAYS_OPEN = frozenset({"owner_id", "team_id"})
"""Fields that say who looks after a requirement, not what it is."""

_UNDER_WAY = frozenset({RequirementStatus.CONFIRMED, RequirementStatus.PLANNED})
_NO_HAND_OVER: dict[str, Any] = {"handed_over_at": None, "project_id": None, "delivery_id": None}


@dataclass(frozen=True, slots=True)
class Move:
    """One step that a requirement takes."""

    action: str
    after: "Requirement"
    reason: str | None = None


class Requirement(OwnedState):
    """Something that a customer requires of us."""

    number: str
    customer_id: UUID
    communication_id: UUID | None = None
    title: str
    description: str | None = None
    kind: RequirementKind = RequirementKind.OTHER
    in_scope: tuple[str, ...] = ()
    out_of_scope: tuple[str, ...] = ()
    priority: RequirementPriority = RequirementPriority.SHOULD
    due_on: date | None = None
    status: RequirementStatus = LIFE_CYCLE.initial
    status_reason: str | None = None
    hand_overs: int = 0
    handed_over_at: datetime | None = None
    project_id: UUID | None = None
    delivery_id: UUID | None = None

    def changed(self, changes: dict[str, Any]) -> "Requirement":
        """The requirement with other content.

        Raises:
            RequirementFixed: It is agreed with the customer, or settled.
        """
        after = self.with_(**changes)
        touched = {name for name in changes if getattr(self, name) != getattr(after, name)}
        if self.status not in OPEN_TO_CHANGE and touched - ALWAYS_OPEN:
            raise RequirementFixed(status=self.status.value)
        return after

    def move(self, action: str, *, reason: str | None = None) -> "Requirement":
        """The requirement after ``action`` of the life cycle; the reason stays until the next step.

        Raises:
            InvalidTransition: Not possible in the present state.
        """
        settled = _NO_HAND_OVER if action in {"reject", "reopen"} else {}
        return self.with_(status=LIFE_CYCLE.after(self.status, action), status_reason=reason, **settled)

    def handed_over(self, project_id: UUID | None, at: datetime) -> "Requirement":
        """The requirement while project delivery is asked to plan it, in ``project_id`` or where it sees fit.

        Raises:
            NotConfirmed: Customer and we do not agree on it, or it is settled.
            HandOverUnderWay: It is with project delivery already.
        """
        if self.status is RequirementStatus.PLANNED or self.handed_over_at is not None:
            raise HandOverUnderWay
        if self.status is not RequirementStatus.CONFIRMED:
            raise NotConfirmed(status=self.status.value)
        return self.with_(hand_overs=self.hand_overs + 1, handed_over_at=at, project_id=project_id, status_reason=None)

    def refused(self, hand_over: int, reason: str) -> Move | None:
        """What a refusal of a hand-over makes of the requirement; None for one that is over."""
        if not self._waits(hand_over) or self.delivery_id is not None:
            return None
        return Move("return", self.with_(status_reason=reason, **_NO_HAND_OVER), reason)

    def followed(self, delivery: DeliverySnapshot) -> Move | None:
        """What the state of its deliverable makes of the requirement; None where it changes nothing.

        A deliverable of an earlier hand-over, or of a requirement that was rejected meanwhile, changes nothing.
        """
        if delivery.hand_over is None or not self._waits(delivery.hand_over):
            return None
        planned = self if self.status is RequirementStatus.PLANNED else self.move("plan")
        planned = planned.with_(project_id=delivery.project_id, delivery_id=delivery.id)
        match delivery.status:
            case DeliveryStatus.ACCEPTED:
                return Move("deliver", planned.move("deliver"))
            case DeliveryStatus.REJECTED | DeliveryStatus.CANCELLED if self._returned(delivery):
                return None
            case DeliveryStatus.REJECTED:
                reason = delivery.rejection_reason
                return Move("return", planned.move("return", reason=reason), reason)
            case DeliveryStatus.CANCELLED:
                reason = delivery.cancellation_reason
                returned = planned.move("return", reason=reason).with_(**_NO_HAND_OVER)
                return Move("return", returned, reason)
            case _:
                return None if planned == self else Move("plan", planned)

    def _waits(self, hand_over: int) -> bool:
        """Whether this hand-over is the one under way."""
        under_way = self.status in _UNDER_WAY and self.handed_over_at is not None
        return under_way and self.hand_overs == hand_over

    def _returned(self, delivery: DeliverySnapshot) -> bool:
        """Whether a refusal of the deliverable is taken in already."""
        refused = delivery.status is DeliveryStatus.REJECTED
        return refused and self.status is RequirementStatus.CONFIRMED and self.delivery_id == delivery.id
