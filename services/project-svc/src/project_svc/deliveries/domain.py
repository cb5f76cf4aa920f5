"""Rules of deliveries: their life cycle and what each step records."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from crm_contracts.project.v1 import DeliveryStatus
from crm_platform.aggregate import OwnedState
from crm_platform.statemachine import StateMachine
from crm_platform.words import Words

NOUN = Words("delivery", "交付物")

LIFE_CYCLE: StateMachine[DeliveryStatus] = StateMachine(
    what=NOUN,
    initial=DeliveryStatus.PLANNED,
    transitions={
        (DeliveryStatus.PLANNED, "start"): DeliveryStatus.IN_PROGRESS,
        (DeliveryStatus.IN_PROGRESS, "submit"): DeliveryStatus.SUBMITTED,
        (DeliveryStatus.SUBMITTED, "accept"): DeliveryStatus.ACCEPTED,
        (DeliveryStatus.SUBMITTED, "reject"): DeliveryStatus.REJECTED,
        (DeliveryStatus.REJECTED, "submit"): DeliveryStatus.SUBMITTED,
        (DeliveryStatus.PLANNED, "cancel"): DeliveryStatus.CANCELLED,
        (DeliveryStatus.IN_PROGRESS, "cancel"): DeliveryStatus.CANCELLED,
        (DeliveryStatus.SUBMITTED, "cancel"): DeliveryStatus.CANCELLED,
        (DeliveryStatus.REJECTED, "cancel"): DeliveryStatus.CANCELLED,
    },
)

SETTLED = frozenset({DeliveryStatus.ACCEPTED, DeliveryStatus.CANCELLED})
"""States in which nothing is left to do."""


@dataclass(frozen=True, slots=True)
class HandOver:
    """The hand-over of a customer's requirement that a deliverable answers."""

    requirement_id: UUID
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliverable:
    """What is agreed about a delivery before it exists."""

    name: str
    acceptance_criteria: tuple[str, ...]
    due_on: date


class Delivery(OwnedState):
    """Something that is handed to the customer, who accepts or rejects it."""

    project_id: UUID
    customer_id: UUID
    name: str
    acceptance_criteria: tuple[str, ...] = ()
    status: DeliveryStatus = LIFE_CYCLE.initial
    due_on: date
    submissions: int = 0
    submitted_at: datetime | None = None
    accepted_at: datetime | None = None
    accepted_by: str | None = None
    on_time: bool | None = None
    rejection_reason: str | None = None
    cancellation_reason: str | None = None
    requirement_id: UUID | None = None
    hand_over: int | None = None

    def move(self, action: str, *, at: datetime, by: str, reason: str | None) -> "Delivery":
        """The delivery after ``action`` of the life cycle, taken by somebody at some time.

        It is on time if it is accepted, by the date in UTC, no later than due. The reason of a rejection
        stands until the next submission.

        Raises:
            InvalidTransition: Not possible in the present state.
        """
        changes: dict[str, Any] = {"status": LIFE_CYCLE.after(self.status, action)}
        if action == "submit":
            changes |= {"submissions": self.submissions + 1, "submitted_at": at, "rejection_reason": None}
        elif action == "accept":
            changes |= {"accepted_at": at, "accepted_by": by, "on_time": at.date() <= self.due_on}
        elif action == "reject":
            changes["rejection_reason"] = reason
        elif action == "cancel":
            changes["cancellation_reason"] = reason
        return self.with_(**changes)
