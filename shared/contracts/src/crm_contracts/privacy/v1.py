"""Events about consent, major version 1; customer-svc publishes them."""

from datetime import datetime
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


EVENTS: tuple[type[DomainEvent[Any]], ...] = (
    PurposeCreated,
    PurposeUpdated,
    ConsentRequested,
    ConsentGiven,
    ConsentWithdrawn,
    ConsentExpired,
)
