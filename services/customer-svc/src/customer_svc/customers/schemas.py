"""What clients send and get."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from crm_contracts.base import ExternalRef, Money
from crm_contracts.customer.v1 import (
    Address,
    CustomerGrade,
    CustomerKind,
    CustomerSize,
    CustomerStatus,
    Email,
    IdentityDocument,
    Phone,
    PostalAddress,
    Registration,
)
from crm_platform.custom_fields.schemas import CustomShown, CustomValues
from crm_platform.http.fields import NUMERIC, EnteredMoney, ExternalRefList, Name, Reason, ShortText, Tags, absent
from customer_svc.customers.domain import ActivationReason, ChurnReason, RestReason
from customer_svc.values.schemas import (
    AddressEntry,
    AddressFields,
    DocumentEntry,
    EmailEntry,
    EmailText,
    PhoneEntry,
    PhoneText,
    RegistrationEntry,
    RegistrationText,
    WebAddress,
)

Phones = Annotated[tuple[PhoneEntry, ...], Field(max_length=20)]
Emails = Annotated[tuple[EmailEntry, ...], Field(max_length=20)]
Addresses = Annotated[tuple[AddressEntry, ...], Field(max_length=20)]
Registrations = Annotated[tuple[RegistrationEntry, ...], Field(max_length=20)]
Documents = Annotated[tuple[DocumentEntry, ...], Field(max_length=10)]


class CustomerFields(BaseModel):
    """Everything about a customer that a client may set; all optional.

    `phone`, `email`, `address` and `registration_id` stand for the primary entry of `phones`, `emails`, `addresses` and
    `registrations`: setting one replaces that entry, or promotes one that is there; null removes it. Lists are replaced
    as a whole; where none of their entries is marked as primary, the first one is.
    """

    model_config = ConfigDict(extra="forbid")

    kind: CustomerKind = CustomerKind.COMPANY
    grade: CustomerGrade | None = None
    industry: ShortText | None = None
    employees: Annotated[int, Field(ge=0, le=100_000_000), NUMERIC] | None = None
    founded_year: Annotated[int, Field(ge=1000, le=2200), NUMERIC] | None = None
    annual_revenue: EnteredMoney | None = None
    phone: PhoneText | None = None
    email: EmailText | None = None
    website: WebAddress | None = None
    address: AddressFields | None = None
    registration_id: RegistrationText | None = Field(
        default=None, description="Such as the unified social credit code, whose check digit has to be right."
    )
    payment_terms_days: Annotated[int, Field(ge=0, le=3650), NUMERIC] | None = None
    credit_limit: EnteredMoney | None = None
    parent_id: UUID | None = None
    owner_id: UUID | None = None
    team_id: UUID | None = None
    tags: Tags = ()
    external_refs: ExternalRefList = ()
    name_latin: Name | None = Field(default=None, description="The name in Latin letters, such as in contracts.")
    short_name: ShortText | None = None
    size: CustomerSize | None = None
    source: ShortText | None = Field(default=None, description="Where we met, such as `exhibition`.")
    phones: Phones = ()
    emails: Emails = ()
    addresses: Addresses = ()
    registrations: Registrations = ()
    identity_documents: Documents = Field(default=(), description="Of people only.")
    custom: CustomValues | None = None


class CustomerCreate(CustomerFields):
    """A new customer."""

    name: Name


class CustomerUpdate(CustomerFields):
    """Changes of a customer (RFC 7396 merge patch): what is absent stays, null empties."""

    kind: CustomerKind = Field(default_factory=absent)
    name: Name = Field(default_factory=absent)
    tags: Tags = Field(default_factory=absent)
    external_refs: ExternalRefList = Field(default_factory=absent)
    phones: Phones = Field(default_factory=absent)
    emails: Emails = Field(default_factory=absent)
    addresses: Addresses = Field(default_factory=absent)
    registrations: Registrations = Field(default_factory=absent)
    identity_documents: Documents = Field(default_factory=absent)


class Activation(Reason):
    """Why a customer is active."""

    code: ActivationReason | None = None


class Rest(Reason):
    """Why a customer is dormant."""

    code: RestReason | None = None


class Churn(Reason):
    """Why a customer has left."""

    code: ChurnReason | None = None


class CustomerRead(BaseModel):
    """A customer."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    owner_id: UUID | None
    team_id: UUID | None
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
    tags: list[str]
    external_refs: list[ExternalRef]
    name_latin: str | None
    short_name: str | None
    size: CustomerSize | None
    source: str | None
    status_reason: str | None = Field(description="Code of why the customer is in this state.")
    status_note: str | None = Field(description="The same in words.")
    status_since: datetime | None = Field(description="When it came into this state, where known.")
    phones: list[Phone]
    emails: list[Email]
    addresses: list[PostalAddress]
    registrations: list[Registration]
    identity_documents: list[IdentityDocument]
    erased_at: datetime | None = Field(description="Since when the personal data is gone for good; null if it is not.")
    owner_since: datetime | None = Field(description="Since when it has its present owner or team, where known.")
    custom: CustomShown
