"""Events of customer-svc, major version 1."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from crm_contracts.base import Contract, DomainEvent, ExternalRef, Money, OwnedSnapshot, Snapshot


class CustomerKind(StrEnum):
    """Whether a customer is an organisation or a natural person."""

    COMPANY = "company"
    PERSON = "person"


class CustomerStatus(StrEnum):
    """Life cycle of a customer."""

    PROSPECT = "prospect"
    ACTIVE = "active"
    DORMANT = "dormant"
    CHURNED = "churned"


class CustomerGrade(StrEnum):
    """Commercial importance, A being the highest."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


class Address(Contract):
    """A postal address, from the largest unit to the smallest as written in Chinese."""

    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] = Field(description="ISO 3166-1 alpha-2.")
    province: str | None = None
    city: str | None = None
    district: str | None = None
    street: str | None = None
    postal_code: str | None = None


class CustomerSnapshot(OwnedSnapshot):
    """State of a customer."""

    kind: CustomerKind
    name: str
    status: CustomerStatus
    grade: CustomerGrade | None
    industry: str | None
    employees: int | None
    founded_year: int | None
    annual_revenue: Money | None
    phone: str | None
    email: str | None
    website: str | None
    address: Address | None
    registration_id: str | None
    payment_terms_days: int | None
    credit_limit: Money | None
    parent_id: UUID | None
    tags: tuple[str, ...]
    external_refs: tuple[ExternalRef, ...]


class CustomerEvent(DomainEvent[CustomerSnapshot]):
    """Base of the customer events."""

    topic = "crm.customer.v1"
    aggregate_type = "customer"


class CustomerCreated(CustomerEvent):
    """A customer was entered, imported or taken over from another system."""

    type = "customer.created"


class CustomerUpdated(CustomerEvent):
    """Fields of a customer changed."""

    type = "customer.updated"


class CustomerStatusChanged(CustomerEvent):
    """A customer moved through its life cycle (`prospect`, `active`, `dormant`, `churned`)."""

    type = "customer.status_changed"


class CustomerDeleted(CustomerEvent):
    """A customer was removed; the state is the last one."""

    type = "customer.deleted"


class CommunicationKind(StrEnum):
    """How people spoke with each other."""

    CALL = "call"
    EMAIL = "email"
    MEETING = "meeting"
    VISIT = "visit"
    CHAT = "chat"


class CommunicationSnapshot(OwnedSnapshot):
    """State of a recorded communication with a customer."""

    customer_id: UUID
    kind: CommunicationKind
    subject: str
    content: str | None
    happened_at: datetime
    duration_minutes: int | None
    participants: tuple[str, ...]
    external_refs: tuple[ExternalRef, ...]


class CommunicationEvent(DomainEvent[CommunicationSnapshot]):
    """Base of the communication events."""

    topic = "crm.communication.v1"
    aggregate_type = "communication"


class CommunicationRecorded(CommunicationEvent):
    """A call, meeting, visit, e-mail or chat with a customer was put on record."""

    type = "communication.recorded"


class CommunicationUpdated(CommunicationEvent):
    """A recorded communication was corrected."""

    type = "communication.updated"


class SyncConflictSnapshot(Snapshot):
    """State of a disagreement between this system and another about one field."""

    customer_id: UUID
    system: str
    field: str
    ours: str | None
    theirs: str | None
    status: str


class SyncConflictEvent(DomainEvent[SyncConflictSnapshot]):
    """Base of the events about disagreements with other systems."""

    topic = "crm.customer.v1"
    aggregate_type = "sync_conflict"


class SyncConflictFound(SyncConflictEvent):
    """Another system changed a field that it does not own; a person has to settle it."""

    type = "sync_conflict.found"


class SyncConflictSettled(SyncConflictEvent):
    """A person decided which side is right."""

    type = "sync_conflict.settled"


EVENTS: tuple[type[DomainEvent[Any]], ...] = (
    CustomerCreated,
    CustomerUpdated,
    CustomerStatusChanged,
    CustomerDeleted,
    CommunicationRecorded,
    CommunicationUpdated,
    SyncConflictFound,
    SyncConflictSettled,
)
