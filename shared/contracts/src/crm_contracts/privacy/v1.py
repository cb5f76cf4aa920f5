"""Events about consent and erasure, major version 1; each service answers an erasure on a topic of its own."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field

from crm_contracts.base import Contract, DomainEvent, Snapshot


class SubjectKind(StrEnum):
    """What kind of record a person is kept as."""

    CUSTOMER = "customer"
    CONTACT = "contact"


class LawfulBasis(StrEnum):
    """Why personal data may be used for a purpose (PIPL article 13, GDPR article 6)."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    VITAL_INTERESTS = "vital_interests"
    PUBLIC_INTEREST = "public_interest"
    LEGITIMATE_INTERESTS = "legitimate_interests"


class ContactMeans(StrEnum):
    """How a person is turned to."""

    EMAIL = "email"
    PHONE = "phone"
    SMS = "sms"
    CHAT = "chat"
    POST = "post"
    VISIT = "visit"


class ConsentStatus(StrEnum):
    """Life cycle of a consent."""

    PENDING = "pending"
    GIVEN = "given"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class ConsentSource(StrEnum):
    """By which way a person has said so."""

    FORM = "form"
    PAPER = "paper"
    PHONE = "phone"
    EMAIL = "email"
    CHAT = "chat"
    IN_PERSON = "in_person"
    IMPORT = "import"
    OTHER = "other"


class ConsentText(Contract):
    """What a person was asked to agree to; a text never changes, there only is a next one."""

    version: int = Field(ge=1)
    zh: str
    en: str
    valid_from: datetime


class PurposeSnapshot(Snapshot):
    """State of a purpose for which people are turned to."""

    code: str
    title_zh: str
    title_en: str
    basis: LawfulBasis
    channels: tuple[ContactMeans, ...]
    double_opt_in: bool = Field(description="Whether consent counts only once the person has confirmed it.")
    valid_days: int | None = Field(description="After how many days consent expires; null for never.")
    texts: tuple[ConsentText, ...] = Field(description="All versions, the present one last.")
    active: bool


class PurposeEvent(DomainEvent[PurposeSnapshot]):
    """Base of the events about purposes."""

    topic = "crm.privacy.v1"
    aggregate_type = "consent_purpose"


class PurposeCreated(PurposeEvent):
    """A purpose was defined."""

    type = "consent_purpose.created"


class PurposeUpdated(PurposeEvent):
    """A purpose changed, or has a new text."""

    type = "consent_purpose.updated"


class Evidence(Contract):
    """What shows that a person has said so."""

    document: str | None = Field(default=None, description="Where the form, record or message is kept.")
    note: str | None = None


class ConsentSnapshot(Snapshot):
    """State of what one person has said about one purpose and channel."""

    subject_kind: SubjectKind
    subject_id: UUID
    purpose: str = Field(description="The code of the purpose.")
    channel: ContactMeans
    status: ConsentStatus
    source: ConsentSource = Field(description="Of the last thing that the person has said.")
    text_version: int | None = Field(description="Which text the person has agreed to.")
    said_at: datetime = Field(description="When the person has said so.")
    expires_at: datetime | None
    evidence: Evidence | None = Field(default=None, description="Sealed.")


class ConsentEvent(DomainEvent[ConsentSnapshot]):
    """Base of the events about consent."""

    topic = "crm.privacy.v1"
    aggregate_type = "consent"


class ConsentRequested(ConsentEvent):
    """A person has agreed and has to confirm it."""

    type = "consent.requested"


class ConsentGiven(ConsentEvent):
    """A person has agreed, or confirmed it."""

    type = "consent.given"


class ConsentWithdrawn(ConsentEvent):
    """A person does not agree any more, or objects."""

    type = "consent.withdrawn"


class ConsentExpired(ConsentEvent):
    """The time for which a person had agreed is over, or nobody has confirmed."""

    type = "consent.expired"


class ConsentMoved(ConsentEvent):
    """Records of the person were merged, or taken apart again: whose consent it is, or what counts, is another."""

    type = "consent.moved"


class HoldRuleSnapshot(Snapshot):
    """State of a rule by which records are kept although a person is erased."""

    record: str = Field(description="Which records, such as `order`.")
    days: int = Field(description="How long after their date they are kept.")
    law: str = Field(description="By which law or contract.")
    active: bool


class HoldRuleEvent(DomainEvent[HoldRuleSnapshot]):
    """Base of the events about rules of holds."""

    topic = "crm.privacy.v1"
    aggregate_type = "hold_rule"


class HoldRuleCreated(HoldRuleEvent):
    """A rule was made."""

    type = "hold_rule.created"


class HoldRuleUpdated(HoldRuleEvent):
    """A rule changed."""

    type = "hold_rule.updated"


class ErasureBasis(StrEnum):
    """Why a person is erased (PIPL article 47, GDPR article 17)."""

    PURPOSE_ACHIEVED = "purpose_achieved"
    SERVICE_ENDED = "service_ended"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    OBJECTION = "objection"
    UNLAWFUL = "unlawful"
    LEGAL_OBLIGATION = "legal_obligation"


class ErasureRequester(StrEnum):
    """Who asks for it."""

    SUBJECT = "subject"
    REPRESENTATIVE = "representative"
    AUTHORITY = "authority"
    COMPANY = "company"


class ErasureStatus(StrEnum):
    """Whether all services have done their part."""

    RUNNING = "running"
    COMPLETED = "completed"


class Hold(Contract):
    """A rule as it was when the erasure began."""

    record: str
    days: int
    law: str


class ErasedRecords(Contract):
    """What became of one kind of records."""

    record: str
    members: tuple[str, ...] = Field(default=(), description="What was erased of them; of none: they only refer.")
    erased: int = Field(default=0, ge=0, description="Of how many.")
    kept: int = Field(default=0, ge=0, description="How many were left as they are.")
    why: str | None = Field(default=None, description="Why they were left.")
    until: date | None = Field(default=None, description="Until when the last of them is kept by a rule.")


class ErasurePart(Contract):
    """The part of one service."""

    service: str
    done_at: datetime | None = None
    records: tuple[ErasedRecords, ...] = ()


class ErasureSnapshot(Snapshot):
    """State of the erasure of one person over all services."""

    subject_kind: SubjectKind
    subject_id: UUID
    basis: ErasureBasis
    requester: ErasureRequester
    reference: str | None = Field(description="Of the request, such as the number of a letter; no personal data.")
    status: ErasureStatus
    holds: tuple[Hold, ...]
    parts: tuple[ErasurePart, ...]
    deadline: datetime
    overdue: bool
    completed_at: datetime | None


class ErasureEvent(DomainEvent[ErasureSnapshot]):
    """Base of the events about erasures."""

    topic = "crm.privacy.v1"
    aggregate_type = "erasure"


class ErasureRequested(ErasureEvent):
    """A person is erased: every service has to erase its copies, and to answer."""

    type = "erasure.requested"


class ErasureAnswered(ErasureEvent):
    """The part of one more service is done."""

    type = "erasure.answered"


class ErasureOverdue(ErasureEvent):
    """The deadline is over, and services have not answered."""

    type = "erasure.overdue"


class ErasureCompleted(ErasureEvent):
    """All services have answered; there is a certificate."""

    type = "erasure.completed"


class ErasureAnswerSnapshot(Snapshot):
    """What one service has erased, and what it has kept."""

    erasure_id: UUID
    subject_id: UUID
    service: str
    records: tuple[ErasedRecords, ...]


class SalesErasureAnswered(DomainEvent[ErasureAnswerSnapshot]):
    """sales-svc has done its part of an erasure."""

    type = "sales_erasure.answered"
    topic = "crm.privacy.sales.v1"
    aggregate_type = "sales_erasure"


class ServiceDeskErasureAnswered(DomainEvent[ErasureAnswerSnapshot]):
    """service-desk-svc has done its part of an erasure."""

    type = "service_desk_erasure.answered"
    topic = "crm.privacy.service_desk.v1"
    aggregate_type = "service_desk_erasure"


class ProjectErasureAnswered(DomainEvent[ErasureAnswerSnapshot]):
    """project-svc has done its part of an erasure."""

    type = "project_erasure.answered"
    topic = "crm.privacy.project.v1"
    aggregate_type = "project_erasure"


class AnalyticsErasureAnswered(DomainEvent[ErasureAnswerSnapshot]):
    """analytics-svc has done its part of an erasure."""

    type = "analytics_erasure.answered"
    topic = "crm.privacy.analytics.v1"
    aggregate_type = "analytics_erasure"


EVENTS: tuple[type[DomainEvent[Any]], ...] = (
    PurposeCreated,
    PurposeUpdated,
    ConsentRequested,
    ConsentGiven,
    ConsentWithdrawn,
    ConsentExpired,
    ConsentMoved,
    HoldRuleCreated,
    HoldRuleUpdated,
    ErasureRequested,
    ErasureAnswered,
    ErasureOverdue,
    ErasureCompleted,
)

ANSWERS: dict[str, type[DomainEvent[ErasureAnswerSnapshot]]] = {
    "sales-svc": SalesErasureAnswered,
    "service-desk-svc": ServiceDeskErasureAnswered,
    "project-svc": ProjectErasureAnswered,
    "analytics-svc": AnalyticsErasureAnswered,
}
"""By which event each service answers that holds something about people."""
