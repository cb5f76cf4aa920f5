"""Events of service-desk-svc, major version 1."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field

from crm_contracts.base import DomainEvent, OwnedSnapshot


class TicketKind(StrEnum):
    """What a customer turned to us with."""

    COMPLAINT = "complaint"
    INCIDENT = "incident"
    REQUEST = "request"
    QUESTION = "question"


class TicketPriority(StrEnum):
    """How soon a ticket has to be dealt with."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class TicketStatus(StrEnum):
    """Life cycle of a ticket."""

    NEW = "new"
    ASSIGNED = "assigned"
    RESOLVED = "resolved"
    CLOSED = "closed"


class TicketSnapshot(OwnedSnapshot):
    """State of a ticket."""

    number: str
    customer_id: UUID
    project_id: UUID | None
    kind: TicketKind
    priority: TicketPriority
    subject: str
    description: str | None
    status: TicketStatus
    in_service_period: bool = Field(description="Whether an after-sales period covered the customer when it came in.")
    assignee_id: UUID | None
    assigned_at: datetime | None
    resolved_at: datetime | None
    resolution: str | None


class TicketEvent(DomainEvent[TicketSnapshot]):
    """Base of the ticket events."""

    topic = "crm.ticket.v1"
    aggregate_type = "ticket"


class TicketOpened(TicketEvent):
    """A customer turned to us."""

    type = "ticket.opened"


class TicketUpdated(TicketEvent):
    """Fields of a ticket changed."""

    type = "ticket.updated"


class TicketAssigned(TicketEvent):
    """Somebody took charge of a ticket."""

    type = "ticket.assigned"


class TicketResolved(TicketEvent):
    """The matter of a ticket was settled."""

    type = "ticket.resolved"


class TicketReopened(TicketEvent):
    """The customer says it is not settled."""

    type = "ticket.reopened"


class TicketClosed(TicketEvent):
    """A resolved ticket was put away."""

    type = "ticket.closed"


class SurveyStatus(StrEnum):
    """Life cycle of a survey."""

    SENT = "sent"
    ANSWERED = "answered"
    EXPIRED = "expired"


class SurveySnapshot(OwnedSnapshot):
    """State of a satisfaction survey; `score` from 1 (very dissatisfied) to 5 (very satisfied)."""

    customer_id: UUID
    project_id: UUID | None
    delivery_id: UUID | None
    status: SurveyStatus
    sent_at: datetime
    answered_at: datetime | None
    score: int | None
    comment: str | None


class SurveyEvent(DomainEvent[SurveySnapshot]):
    """Base of the survey events."""

    topic = "crm.survey.v1"
    aggregate_type = "survey"


class SurveySent(SurveyEvent):
    """A customer was asked how satisfied they are."""

    type = "survey.sent"


class SurveyAnswered(SurveyEvent):
    """A customer answered."""

    type = "survey.answered"


class SurveyMoved(SurveyEvent):
    """The customer whom it is about was merged into another, or such a merge was undone."""

    type = "survey.moved"


class ServicePeriodSnapshot(OwnedSnapshot):
    """State of an after-sales period of one project."""

    customer_id: UUID
    project_id: UUID
    starts_on: date
    ends_on: date


class ServicePeriodEvent(DomainEvent[ServicePeriodSnapshot]):
    """Base of the after-sales period events."""

    topic = "crm.service_period.v1"
    aggregate_type = "service_period"


class ServicePeriodOpened(ServicePeriodEvent):
    """After-sales service for a project's customer began."""

    type = "service_period.opened"


class ServicePeriodExtended(ServicePeriodEvent):
    """A further accepted deliverable moved the end of the period."""

    type = "service_period.extended"


class ServicePeriodMoved(ServicePeriodEvent):
    """The customer whom it is about was merged into another, or such a merge was undone."""

    type = "service_period.moved"


EVENTS: tuple[type[DomainEvent[Any]], ...] = (
    TicketOpened,
    TicketUpdated,
    TicketAssigned,
    TicketResolved,
    TicketReopened,
    TicketClosed,
    SurveySent,
    SurveyAnswered,
    SurveyMoved,
    ServicePeriodOpened,
    ServicePeriodExtended,
    ServicePeriodMoved,
)
