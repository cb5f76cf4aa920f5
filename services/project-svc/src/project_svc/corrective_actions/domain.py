"""Rules of corrective and preventive actions: their life cycle, and when they are overdue."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from crm_contracts.control.v1 import ActionKind, ActionSource, ActionStatus
from crm_platform.aggregate import OwnedState
from crm_platform.statemachine import StateMachine
from crm_platform.words import Words
from project_svc.corrective_actions.errors import ActionSettled

NOUN = Words("corrective action", "纠正措施")

LIFE_CYCLE: StateMachine[ActionStatus] = StateMachine(
    what=NOUN,
    initial=ActionStatus.OPEN,
    transitions={
        (ActionStatus.OPEN, "start"): ActionStatus.IN_PROGRESS,
        (ActionStatus.IN_PROGRESS, "finish"): ActionStatus.DONE,
        (ActionStatus.DONE, "start"): ActionStatus.IN_PROGRESS,
        (ActionStatus.DONE, "verify"): ActionStatus.VERIFIED,
        (ActionStatus.OPEN, "cancel"): ActionStatus.CANCELLED,
        (ActionStatus.IN_PROGRESS, "cancel"): ActionStatus.CANCELLED,
        (ActionStatus.DONE, "cancel"): ActionStatus.CANCELLED,
    },
)
"""``start`` takes up again what was done and did not help."""

UNDONE = frozenset({ActionStatus.OPEN, ActionStatus.IN_PROGRESS})
"""States in which an action can become overdue."""

SETTLED = frozenset({ActionStatus.VERIFIED, ActionStatus.CANCELLED})
"""States in which nothing is left to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is known about an action before it is in the register."""

    id: UUID
    title: str
    owner_id: UUID | None
    due_on: date
    source: ActionSource
    source_id: UUID | None = None
    kind: ActionKind = ActionKind.CORRECTIVE
    description: str | None = None


class CorrectiveAction(OwnedState):
    """Something to be done about a cause; its owner sees to it."""

    project_id: UUID
    kind: ActionKind
    title: str
    description: str | None = None
    source: ActionSource
    source_id: UUID | None = None
    due_on: date
    overdue: bool = False
    status: ActionStatus = LIFE_CYCLE.initial
    done_at: datetime | None = None
    verified_at: datetime | None = None
    verified_by: str | None = None

    def judged(self, today: date) -> "CorrectiveAction":
        """The action as it stands on a day of the company: one that is not done in time is overdue."""
        return self.with_(overdue=self.status in UNDONE and today > self.due_on)

    def changed(self, changes: dict[str, Any], *, today: date) -> "CorrectiveAction":
        """The action with other content.

        Raises:
            ActionSettled: Nothing is left to do about it.
        """
        if self.status in SETTLED:
            raise ActionSettled(status=self.status.value)
        return self.with_(**changes).judged(today)

    def move(self, action: str, *, at: datetime, today: date, by: str) -> "CorrectiveAction":
        """The action after a step: ``start``, ``finish``, ``verify`` or ``cancel``.

        Raises:
            InvalidTransition: Not possible in the present state.
        """
        changes: dict[str, Any] = {"status": LIFE_CYCLE.after(self.status, action)}
        if action == "start":
            changes["done_at"] = None
        elif action == "finish":
            changes["done_at"] = at
        elif action == "verify":
            changes |= {"verified_at": at, "verified_by": by}
        return self.with_(**changes).judged(today)
