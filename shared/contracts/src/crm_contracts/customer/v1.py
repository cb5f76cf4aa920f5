"""Events of customer-svc, major version 1."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, JsonValue, StringConstraints

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


class AddressKind(StrEnum):
    """What an address is for."""

    REGISTERED = "registered"
    BILLING = "billing"
    DELIVERY = "delivery"
    OTHER = "other"


Label = Annotated[str, StringConstraints(min_length=1, max_length=50)]
"""What people call one of several entries, such as `front desk`."""


class PostalAddress(Address):
    """One of a customer's addresses."""

    kind: AddressKind = AddressKind.OTHER
    label: Label | None = None
    primary: bool = False


class PhoneKind(StrEnum):
    """What a phone number is, by the numbering plan of its country."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    SERVICE = "service"
    UNKNOWN = "unknown"


class Phone(Contract):
    """One of a customer's phone numbers."""

    number: str | None = Field(
        default=None, description="E.164. Null where another system sent a text that is no phone number."
    )
    extension: str | None = None
    entered: str = Field(description="The number as it was typed.")
    kind: PhoneKind = PhoneKind.UNKNOWN
    label: Label | None = None
    primary: bool = False


class Email(Contract):
    """One of a customer's e-mail addresses."""

    address: str
    label: Label | None = None
    primary: bool = False


class RegistrationKind(StrEnum):
    """Which register knows a company under a number."""

    USCC = "uscc"
    VAT = "vat"
    DUNS = "duns"
    LEI = "lei"
    OTHER = "other"


class Registration(Contract):
    """A number under which a public register knows the customer."""

    kind: RegistrationKind = Field(
        description="`uscc` is China's unified social credit code (GB 32100), `lei` ISO 17442."
    )
    number: str
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = Field(
        default=None, description="ISO 3166-1 alpha-2, where the register is of one country."
    )
    primary: bool = False


class IdentityDocumentKind(StrEnum):
    """What a person proves their identity with."""

    RESIDENT_ID = "resident_id"
    PASSPORT = "passport"
    HK_MACAO_PERMIT = "hk_macao_permit"
    TAIWAN_PERMIT = "taiwan_permit"
    FOREIGNER_PERMIT = "foreigner_permit"
    OTHER = "other"


class IdentityDocument(Contract):
    """A document with which a person proves their identity."""

    kind: IdentityDocumentKind = Field(description="`resident_id` is China's resident identity card (GB 11643).")
    number: str
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = Field(
        default=None, description="ISO 3166-1 alpha-2 of the state that issued it."
    )


class CustomerSize(StrEnum):
    """How big a company is; the limits follow the EU's recommendation 2003/361: 10, 50, 250 people."""

    MICRO = "micro"
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


class CustomerSnapshot(OwnedSnapshot):
    """State of a customer.

    The members `phone`, `email`, `address` and `registration_id` show the primary entry of `phones`, `emails`,
    `addresses` and `registrations`: a phone in E.164 form (with `;ext=` before an extension), an address without its
    kind and label. They are null where no entry is primary.

    Phones, e-mails, addresses and identity documents are personal data: in events they are empty, and told by `sealed`.
    """

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
    name_latin: str | None = None
    short_name: str | None = None
    size: CustomerSize | None = None
    source: str | None = Field(default=None, description="Where we met, such as `exhibition`.")
    status_reason: str | None = Field(default=None, description="Code of why the customer is in this state.")
    status_note: str | None = Field(default=None, description="The same in words.")
    status_since: datetime | None = Field(default=None, description="When it came into this state, where known.")
    phones: tuple[Phone, ...] = ()
    emails: tuple[Email, ...] = ()
    addresses: tuple[PostalAddress, ...] = ()
    registrations: tuple[Registration, ...] = ()
    identity_documents: tuple[IdentityDocument, ...] = Field(default=(), description="Of people only.")
    owner_since: datetime | None = Field(
        default=None, description="Since when it has its present owner or team, where known; null in the pool."
    )
    custom: dict[str, JsonValue] = Field(
        default={}, description="Custom fields of the company by key; those without a value are absent."
    )


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


class CustomerClaimed(CustomerEvent):
    """A person took a customer out of the public pool."""

    type = "customer.claimed"


class CustomerReleased(CustomerEvent):
    """A customer was given back to the public pool; the reason says why."""

    type = "customer.released"


class CustomerReturned(CustomerEvent):
    """A customer went back to the public pool by itself, because nobody had followed it up in time."""

    type = "customer.returned"


class CustomerErased(CustomerEvent):
    """The person was erased: what is left is a record without personal data, to which others refer."""

    type = "customer.erased"


class CustomerDeleted(CustomerEvent):
    """A customer was removed; the state is the last one."""

    type = "customer.deleted"


class CustomerRestored(CustomerEvent):
    """A customer that was removed is back, as it was; the merge that it had gone by was undone."""

    type = "customer.restored"


class PoolSecret(StrEnum):
    """What can be hidden of the customers in the public pool until somebody claims them."""

    CONTACT_DATA = "contact_data"
    REGISTRATIONS = "registrations"
    WEBSITE = "website"
    FIGURES = "figures"
    TERMS = "terms"
    EXTERNAL_REFS = "external_refs"


class PoolRuleSnapshot(Snapshot):
    """State of a rule of the public pool."""

    team_id: UUID | None = Field(description="Whom it is for; null for everybody whose team has no rule of its own.")
    max_owned: int | None
    max_claims_per_day: int | None
    time_zone: str
    return_after_days: int | None
    return_statuses: tuple[CustomerStatus, ...]
    hidden: tuple[PoolSecret, ...] | None


class PoolRuleEvent(DomainEvent[PoolRuleSnapshot]):
    """Base of the events about the rules of the public pool."""

    topic = "crm.customer.v1"
    aggregate_type = "pool_rule"


class PoolRuleCreated(PoolRuleEvent):
    """A rule of the public pool was made."""

    type = "pool_rule.created"


class PoolRuleUpdated(PoolRuleEvent):
    """A rule of the public pool was changed."""

    type = "pool_rule.updated"


class PoolRuleDeleted(PoolRuleEvent):
    """A rule of the public pool was removed."""

    type = "pool_rule.deleted"


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


class SyncConflictMoved(SyncConflictEvent):
    """The customer whom it is about was merged into another, or such a merge was undone."""

    type = "sync_conflict.moved"


EVENTS: tuple[type[DomainEvent[Any]], ...] = (
    CustomerCreated,
    CustomerUpdated,
    CustomerStatusChanged,
    CustomerClaimed,
    CustomerReleased,
    CustomerReturned,
    CustomerErased,
    CustomerDeleted,
    CustomerRestored,
    PoolRuleCreated,
    PoolRuleUpdated,
    PoolRuleDeleted,
    SyncConflictFound,
    SyncConflictSettled,
    SyncConflictMoved,
)
