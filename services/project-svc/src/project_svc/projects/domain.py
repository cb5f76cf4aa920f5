"""Rules of projects: their life cycle and their dates."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from crm_contracts.base import Money
from crm_contracts.project.v1 import ProjectStatus
from crm_platform.aggregate import OwnedState
from crm_platform.statemachine import StateMachine
from crm_platform.words import Words
from project_svc.projects.errors import DueBeforeStart, ProjectEnded, ProjectNotActive

NOUN = Words("project", "项目")

LIFE_CYCLE: StateMachine[ProjectStatus] = StateMachine(
    what=NOUN,
    initial=ProjectStatus.DRAFT,
    transitions={
        (ProjectStatus.DRAFT, "plan"): ProjectStatus.PLANNED,
        (ProjectStatus.DRAFT, "approve"): ProjectStatus.ACTIVE,
        (ProjectStatus.DRAFT, "cancel"): ProjectStatus.CANCELLED,
        (ProjectStatus.PLANNED, "approve"): ProjectStatus.ACTIVE,
        (ProjectStatus.PLANNED, "cancel"): ProjectStatus.CANCELLED,
        (ProjectStatus.ACTIVE, "pause"): ProjectStatus.ON_HOLD,
        (ProjectStatus.ACTIVE, "complete"): ProjectStatus.COMPLETED,
        (ProjectStatus.ACTIVE, "cancel"): ProjectStatus.CANCELLED,
        (ProjectStatus.ON_HOLD, "resume"): ProjectStatus.ACTIVE,
        (ProjectStatus.ON_HOLD, "cancel"): ProjectStatus.CANCELLED,
        (ProjectStatus.COMPLETED, "close"): ProjectStatus.CLOSED,
    },
)

ENDED = frozenset({ProjectStatus.COMPLETED, ProjectStatus.CLOSED, ProjectStatus.CANCELLED})
"""States in which a project's plan, deliverables and risk register take nothing new."""

DEFAULT_RISK_THRESHOLD = 12
"""Probability times impact from which a risk needs attention, where nobody says otherwise."""


class Project(OwnedState):
    """What is done for a customer within some time and some money."""

    name: str
    customer_id: UUID
    opportunity_id: UUID | None = None
    template: str | None = None
    status: ProjectStatus = LIFE_CYCLE.initial
    starts_on: date
    due_on: date
    budget: Money | None = None
    risk_threshold: int = DEFAULT_RISK_THRESHOLD
    approved_by: str | None = None
    completed_at: datetime | None = None
    objectives: tuple[str, ...] = ()
    scope_in: tuple[str, ...] = ()
    scope_out: tuple[str, ...] = ()
    success_criteria: tuple[str, ...] = ()
    manager_id: UUID | None = None
    member_ids: tuple[UUID, ...] = ()
    contract_reference: str | None = None
    template_id: UUID | None = None
    template_edition: int | None = None
    contract_id: UUID | None = None

    def checked(self) -> "Project":
        """The project itself.

        Raises:
            DueBeforeStart: Its dates contradict each other.
        """
        if self.due_on < self.starts_on:
            raise DueBeforeStart(starts_on=self.starts_on, due_on=self.due_on)
        return self

    def under_contract(self, id: UUID, number: str) -> "Project":
        """The project with a signed contract that it delivers; a reference that somebody has given stays."""
        return self.with_(contract_id=id, contract_reference=self.contract_reference or number)

    def move(self, action: str, *, at: datetime, by: str) -> "Project":
        """The project after ``action`` of the life cycle, taken by somebody at some time.

        Raises:
            InvalidTransition: Not possible in the present state.
        """
        changes: dict[str, Any] = {"status": LIFE_CYCLE.after(self.status, action)}
        if action == "approve":
            changes["approved_by"] = by
        elif action == "complete":
            changes["completed_at"] = at
        return self.with_(**changes)

    def expect_open(self) -> None:
        """Refuse additions to a project that is over.

        Raises:
            ProjectEnded: It is completed, closed or cancelled.
        """
        if self.status in ENDED:
            raise ProjectEnded(status=self.status.value)

    def expect_active(self) -> None:
        """Refuse work on a project that nobody carries out at present.

        Raises:
            ProjectNotActive: It waits, rests or is over.
        """
        if self.status is not ProjectStatus.ACTIVE:
            raise ProjectNotActive(status=self.status.value)
