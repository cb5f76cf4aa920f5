"""Rules of tickets."""

from datetime import datetime
from uuid import UUID

from crm_contracts.service_desk.v1 import TicketKind, TicketPriority, TicketStatus
from crm_platform.aggregate import OwnedState
from crm_platform.statemachine import StateMachine
from crm_platform.words import Words

NOUN = Words("ticket", "工单")

LIFE_CYCLE: StateMachine[TicketStatus] = StateMachine(
    what=NOUN,
    initial=TicketStatus.NEW,
    transitions={
        (TicketStatus.NEW, "assign"): TicketStatus.ASSIGNED,
        (TicketStatus.ASSIGNED, "assign"): TicketStatus.ASSIGNED,
        (TicketStatus.ASSIGNED, "resolve"): TicketStatus.RESOLVED,
        (TicketStatus.RESOLVED, "reopen"): TicketStatus.ASSIGNED,
        (TicketStatus.RESOLVED, "close"): TicketStatus.CLOSED,
    },
)


class Ticket(OwnedState):
    """Something that a customer turned to us with."""

    number: str
    customer_id: UUID
    project_id: UUID | None = None
    kind: TicketKind
    priority: TicketPriority = TicketPriority.NORMAL
    subject: str
    description: str | None = None
    status: TicketStatus = LIFE_CYCLE.initial
    in_service_period: bool
    assignee_id: UUID | None = None
    assigned_at: datetime | None = None
    resolved_at: datetime | None = None
    resolution: str | None = None

    def assign(self, assignee_id: UUID, now: datetime) -> "Ticket":
        """The ticket in the hands of ``assignee_id``, who from now on owns it.

        Raises:
            InvalidTransition: It is settled.
        """
        status = LIFE_CYCLE.after(self.status, "assign")
        return self.with_(status=status, assignee_id=assignee_id, owner_id=assignee_id, assigned_at=now)

    def resolve(self, resolution: str, now: datetime) -> "Ticket":
        """The ticket with its matter settled.

        Raises:
            InvalidTransition: Nobody has taken charge of it, or it is settled already.
        """
        status = LIFE_CYCLE.after(self.status, "resolve")
        return self.with_(status=status, resolution=resolution, resolved_at=now)

    def reopen(self) -> "Ticket":
        """The ticket back with its assignee.

        Raises:
            InvalidTransition: It is not resolved.
        """
        return self.with_(status=LIFE_CYCLE.after(self.status, "reopen"), resolution=None, resolved_at=None)

    def close(self) -> "Ticket":
        """The ticket put away.

        Raises:
            InvalidTransition: It is not resolved.
        """
        return self.with_(status=LIFE_CYCLE.after(self.status, "close"))
