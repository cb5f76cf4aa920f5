"""Rules of issues: their life cycle."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from crm_contracts.execution.v1 import IssueKind, IssueSeverity, IssueStatus
from crm_platform.aggregate import OwnedState
from crm_platform.statemachine import StateMachine
from crm_platform.words import Words

NOUN = Words("issue", "问题")

LIFE_CYCLE: StateMachine[IssueStatus] = StateMachine(
    what=NOUN,
    initial=IssueStatus.OPEN,
    transitions={
        (IssueStatus.OPEN, "start"): IssueStatus.IN_PROGRESS,
        (IssueStatus.OPEN, "resolve"): IssueStatus.RESOLVED,
        (IssueStatus.OPEN, "close"): IssueStatus.CLOSED,
        (IssueStatus.IN_PROGRESS, "resolve"): IssueStatus.RESOLVED,
        (IssueStatus.IN_PROGRESS, "close"): IssueStatus.CLOSED,
        (IssueStatus.RESOLVED, "reopen"): IssueStatus.OPEN,
        (IssueStatus.RESOLVED, "close"): IssueStatus.CLOSED,
        (IssueStatus.CLOSED, "reopen"): IssueStatus.OPEN,
    },
)


class Issue(OwnedState):
    """Something that is wrong in a project."""

    project_id: UUID
    task_id: UUID | None = None
    kind: IssueKind
    title: str
    description: str | None = None
    severity: IssueSeverity
    status: IssueStatus = LIFE_CYCLE.initial
    assignee_id: UUID | None = None
    due_on: date | None = None
    resolution: str | None = None
    reopened: int = 0
    resolved_at: datetime | None = None

    def move(self, action: str, *, at: datetime, resolution: str | None = None) -> "Issue":
        """The issue after ``action`` of the life cycle.

        Raises:
            InvalidTransition: Not possible in the present state.
        """
        changes: dict[str, Any] = {"status": LIFE_CYCLE.after(self.status, action)}
        if action == "resolve":
            changes |= {"resolution": resolution, "resolved_at": at}
        elif action == "reopen":
            changes |= {"reopened": self.reopened + 1, "resolution": None, "resolved_at": None}
        return self.with_(**changes)
