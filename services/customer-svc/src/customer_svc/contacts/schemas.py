"""What clients send and get."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from crm_contracts.base import ExternalRef
from crm_contracts.contact.v1 import (
    ContactChannel,
    ContactLink,
    ContactStatus,
    DecisionRole,
    Messenger,
    MessengerKind,
)
from crm_contracts.customer.v1 import Address, Email, Phone, PostalAddress
from crm_platform.http.fields import STORABLE, Day, ExternalRefList, LongText, Name, ShortText, Tags, absent
from crm_platform.http.validation_messages import refusal
from crm_platform.words import Words
from customer_svc.values.schemas import (
    AddressEntry,
    AddressFields,
    EmailEntry,
    EmailText,
    Label,
    PhoneEntry,
    PhoneText,
    WebAddress,
)

_NO_DAY = Words("there is no such day", "不存在该日期")
_LEAP_YEAR = "2000"


def _day(text: str) -> str:
    try:
        date.fromisoformat(text.replace("--", f"{_LEAP_YEAR}-", 1))
    except ValueError as error:
        raise refusal("unknown_day", _NO_DAY) from error
    return text


Birthday = Annotated[str, StringConstraints(pattern=r"^([0-9]{4}|-)-[0-9]{2}-[0-9]{2}$"), AfterValidator(_day)]
Language = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,4}$")]
Addresses = Annotated[tuple[AddressEntry, ...], Field(max_length=20)]
Phones = Annotated[tuple[PhoneEntry, ...], Field(max_length=20)]
Emails = Annotated[tuple[EmailEntry, ...], Field(max_length=20)]
Websites = Annotated[tuple[WebAddress, ...], Field(max_length=20)]
Notes = Annotated[str, StringConstraints(max_length=20_000), STORABLE]


class MessengerEntry(BaseModel):
    """One of several accounts with services for messages."""

    model_config = ConfigDict(extra="forbid")

    kind: MessengerKind
    account: ShortText
    label: Label | None = None


Messengers = Annotated[tuple[MessengerEntry, ...], Field(max_length=20)]


class LinkFields(BaseModel):
    """Everything about what a contact is at a customer."""

    model_config = ConfigDict(extra="forbid")

    title: ShortText | None = Field(default=None, description="On the visiting card, such as `采购总监`.")
    department: ShortText | None = None
    role: ShortText | None = Field(default=None, description="What they do for us, such as `project lead`.")
    decision_role: DecisionRole | None = None
    since: Day | None = None
    until: Day | None = Field(default=None, description="Set where they are there no longer, or will not be.")


class LinkCreate(LinkFields):
    """What a contact is at one customer more."""

    customer_id: UUID
    primary: StrictBool = Field(default=False, description="Whom to turn to first, in the place of whoever it was.")


class LinkUpdate(LinkFields):
    """Changes of what a contact is at a customer: what is absent stays, null empties."""

    customer_id: UUID
    primary: StrictBool = Field(default_factory=absent)


class LinkChoice(BaseModel):
    """One of a contact's customers."""

    model_config = ConfigDict(extra="forbid")

    customer_id: UUID


Links = Annotated[tuple[LinkCreate, ...], Field(max_length=50)]


class ContactFields(BaseModel):
    """Everything about a contact that a client may set; all optional.

    `phone`, `email` and `address` stand for the primary entry of `phones`, `emails` and `addresses`: setting one
    replaces that entry, or promotes one that is there; null removes it. Lists are replaced as a whole; where none of
    their entries is marked as primary, the first one is.
    """

    model_config = ConfigDict(extra="forbid")

    family_name: ShortText | None = None
    given_name: ShortText | None = None
    additional_names: ShortText | None = None
    honorific_prefix: ShortText | None = None
    honorific_suffix: ShortText | None = None
    name_latin: Name | None = Field(default=None, description="The name in Latin letters, such as in a passport.")
    nickname: ShortText | None = None
    salutation: ShortText | None = Field(default=None, description="How to address them, such as `王总`.")
    company: ShortText | None = Field(default=None, description="Where they work, as they say it.")
    department: ShortText | None = None
    title: ShortText | None = None
    preferred_channel: ContactChannel | None = None
    language: Language | None = Field(default=None, description="BCP 47, such as `zh-CN`.")
    websites: Websites = ()
    photo_url: WebAddress | None = None
    source: ShortText | None = Field(default=None, description="Where we met, such as `exhibition`.")
    tags: Tags = ()
    external_refs: ExternalRefList = ()
    owner_id: UUID | None = None
    team_id: UUID | None = None
    phone: PhoneText | None = None
    phones: Phones = ()
    email: EmailText | None = None
    emails: Emails = ()
    address: AddressFields | None = None
    addresses: Addresses = ()
    messengers: Messengers = ()
    birthday: Birthday | None = Field(default=None, description="`YYYY-MM-DD`, or `--MM-DD` without the year.")
    notes: Notes | None = None


class ContactCreate(ContactFields):
    """A new contact."""

    name: Name = Field(description="The whole name, as it is written.")
    links: Links = Field(default=(), description="The customers at which they are.")


class ContactUpdate(ContactFields):
    """Changes of a contact (RFC 7396 merge patch): what is absent stays, null empties."""

    name: Name = Field(default_factory=absent)
    websites: Websites = Field(default_factory=absent)
    tags: Tags = Field(default_factory=absent)
    external_refs: ExternalRefList = Field(default_factory=absent)
    phones: Phones = Field(default_factory=absent)
    emails: Emails = Field(default_factory=absent)
    addresses: Addresses = Field(default_factory=absent)
    messengers: Messengers = Field(default_factory=absent)


class Departure(BaseModel):
    """That somebody has left or died."""

    model_config = ConfigDict(extra="forbid")

    reason: LongText | None = None
    on: Day | None = Field(default=None, description="The last day; today if it is not said.")


class ContactRead(BaseModel):
    """A contact."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    owner_id: UUID | None
    team_id: UUID | None
    name: str
    family_name: str | None
    given_name: str | None
    additional_names: str | None
    honorific_prefix: str | None
    honorific_suffix: str | None
    name_latin: str | None
    nickname: str | None
    salutation: str | None
    status: ContactStatus
    status_since: datetime | None
    status_note: str | None
    company: str | None
    department: str | None
    title: str | None
    preferred_channel: ContactChannel | None
    language: str | None
    websites: list[str]
    photo_url: str | None
    source: str | None
    tags: list[str]
    external_refs: list[ExternalRef]
    links: list[ContactLink]
    phone: str | None
    phones: list[Phone]
    email: str | None
    emails: list[Email]
    address: Address | None
    addresses: list[PostalAddress]
    messengers: list[Messenger]
    birthday: str | None
    notes: str | None
    erased_at: datetime | None = Field(description="Since when the personal data is erased for good.")
