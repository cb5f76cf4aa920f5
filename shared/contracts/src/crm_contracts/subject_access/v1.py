"""Events about subject access, major version 1; each service answers a request on a topic of its own.

Answers hold personal data. They are sealed to a key of the request (HPKE, RFC 9180: X25519, HKDF-SHA256, AES-256-GCM),
which only customer-svc can open, and which is destroyed when the request expires or the person is erased.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field

from crm_contracts.base import Contract, DomainEvent, Snapshot
from crm_contracts.privacy.v1 import SubjectKind


class AccessRequester(StrEnum):
    """Who asks."""

    SUBJECT = "subject"
    REPRESENTATIVE = "representative"
    AUTHORITY = "authority"


class AccessStatus(StrEnum):
    """How far a request is."""

    RUNNING = "running"
    READY = "ready"
    EXPIRED = "expired"


class ToldRecords(Contract):
    """How many records of one kind a service tells of."""

    record: str
    told: int = Field(default=0, ge=0)
    left_out: int = Field(default=0, ge=0, description="Older ones beyond the most that are told of one kind.")
    withheld: str | None = Field(default=None, description="Why none are told, where that is so.")


class AccessPart(Contract):
    """The part of one service."""

    service: str
    done_at: datetime | None = None
    records: tuple[ToldRecords, ...] = ()


class SubjectAccessSnapshot(Snapshot):
    """State of a request for all that is known of one person, over all services."""

    subject_kind: SubjectKind
    subject_id: UUID
    requester: AccessRequester
    reference: str | None = Field(description="Of the request, such as the number of a letter; no personal data.")
    status: AccessStatus
    parts: tuple[AccessPart, ...]
    asked_at: datetime = Field(description="When the services were asked last.")
    overdue: bool = Field(description="Whether a service had to be asked again.")
    ready_at: datetime | None
    expires_at: datetime = Field(description="When what was collected is destroyed.")
    answer_key: str = Field(
        pattern=r"^[A-Za-z0-9_-]{43}$",
        description="The X25519 key to which answers are sealed; base64url without padding.",
    )


class SubjectAccessEvent(DomainEvent[SubjectAccessSnapshot]):
    """Base of the events about requests for access."""

    topic = "crm.privacy.v1"
    aggregate_type = "subject_access"


class SubjectAccessRequested(SubjectAccessEvent):
    """A person asks what is known of him or her: every service has to answer."""

    type = "subject_access.requested"


class SubjectAccessRepeated(SubjectAccessEvent):
    """Services have not answered in time and are asked again."""

    type = "subject_access.repeated"


class SubjectAccessAnswered(SubjectAccessEvent):
    """The part of one more service is there."""

    type = "subject_access.answered"


class SubjectAccessReady(SubjectAccessEvent):
    """All services have answered; there is a bundle."""

    type = "subject_access.ready"


class SubjectAccessExpired(SubjectAccessEvent):
    """What was collected is destroyed."""

    type = "subject_access.expired"


class AccessAnswerSnapshot(Snapshot):
    """One page of what one service holds about a person."""

    request_id: UUID
    subject_id: UUID
    service: str
    page: int = Field(ge=1)
    pages: int = Field(ge=1, description="How many there are of this service.")
    records: tuple[ToldRecords, ...] = Field(description="Of all pages.")
    content: str = Field(description="Sealed to the key of the request, bound to its place; base64url without padding.")


class CustomerAccessAnswered(DomainEvent[AccessAnswerSnapshot]):
    """customer-svc tells what it holds about a person."""

    type = "customer_access.answered"
    topic = "crm.privacy.v1"
    aggregate_type = "customer_access"


class SalesAccessAnswered(DomainEvent[AccessAnswerSnapshot]):
    """sales-svc tells what it holds about a person."""

    type = "sales_access.answered"
    topic = "crm.privacy.sales.v1"
    aggregate_type = "sales_access"


class ServiceDeskAccessAnswered(DomainEvent[AccessAnswerSnapshot]):
    """service-desk-svc tells what it holds about a person."""

    type = "service_desk_access.answered"
    topic = "crm.privacy.service_desk.v1"
    aggregate_type = "service_desk_access"


class ProjectAccessAnswered(DomainEvent[AccessAnswerSnapshot]):
    """project-svc tells what it holds about a person."""

    type = "project_access.answered"
    topic = "crm.privacy.project.v1"
    aggregate_type = "project_access"


class AnalyticsAccessAnswered(DomainEvent[AccessAnswerSnapshot]):
    """analytics-svc tells what it holds about a person."""

    type = "analytics_access.answered"
    topic = "crm.privacy.analytics.v1"
    aggregate_type = "analytics_access"


EVENTS: tuple[type[DomainEvent[Any]], ...] = (
    SubjectAccessRequested,
    SubjectAccessRepeated,
    SubjectAccessAnswered,
    SubjectAccessReady,
    SubjectAccessExpired,
    CustomerAccessAnswered,
)

ANSWERS: dict[str, type[DomainEvent[AccessAnswerSnapshot]]] = {
    "customer-svc": CustomerAccessAnswered,
    "sales-svc": SalesAccessAnswered,
    "service-desk-svc": ServiceDeskAccessAnswered,
    "project-svc": ProjectAccessAnswered,
    "analytics-svc": AnalyticsAccessAnswered,
}
"""By which event each service answers that holds something about people."""
