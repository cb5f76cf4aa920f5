"""Events about contacts, major version 1; customer-svc publishes them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field

from crm_contracts.base import Contract, DomainEvent, ExternalRef, OwnedSnapshot
from crm_contracts.customer.v1 import Address, Email, Label, Phone, PostalAddress


class ContactStatus(StrEnum):
    """Life cycle of a contact."""

    ACTIVE = "active"
    LEFT = "left"
    DECEASED = "deceased"


class DecisionRole(StrEnum):
    """What part somebody has in what a customer decides to buy."""

    DECISION_MAKER = "decision_maker"
    APPROVER = "approver"
    INFLUENCER = "influencer"
    CHAMPION = "champion"
    USER = "user"
    GATEKEEPER = "gatekeeper"
    OPPONENT = "opponent"
    OTHER = "other"


class ContactChannel(StrEnum):
    """How somebody likes to be reached."""

    PHONE = "phone"
    SMS = "sms"
    EMAIL = "email"
    MESSENGER = "messenger"
    VISIT = "visit"
    POST = "post"


class MessengerKind(StrEnum):
    """Which service carries somebody's messages."""

    WECHAT = "wechat"
    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"
    QQ = "qq"
    WHATSAPP = "whatsapp"
    TELEGRAM = "telegram"
    LINE = "line"
    SKYPE = "skype"
    XMPP = "xmpp"
    OTHER = "other"


class Messenger(Contract):
    """An account of a contact with a service for messages."""

    kind: MessengerKind
    account: str
    label: Label | None = None


class ContactLink(Contract):
    """What a contact is at one customer."""

    customer_id: UUID
    title: str | None = Field(default=None, description="On the visiting card, such as `采购总监`.")
    department: str | None = None
    role: str | None = Field(default=None, description="What they do for us, such as `project lead`.")
    decision_role: DecisionRole | None = None
    primary: bool = Field(default=False, description="Whom to turn to first; one contact of a customer at most.")
    since: date | None = None
    until: date | None = Field(default=None, description="Set where they are there no longer, or will not be.")


class ContactSnapshot(OwnedSnapshot):
    """State of a person whom we know at one or more customers.

    The members `phone`, `email` and `address` show the primary entry of `phones`, `emails` and `addresses`. They, the
    lists, `messengers`, `birthday` and `notes` are sealed: here they are empty, and the event's `sealed` has them.
    """

    name: str = Field(description="The whole name, as it is written.")
    family_name: str | None
    given_name: str | None
    additional_names: str | None
    honorific_prefix: str | None
    honorific_suffix: str | None
    name_latin: str | None
    nickname: str | None
    salutation: str | None = Field(description="How to address them, such as `王总`.")
    status: ContactStatus
    status_since: datetime | None
    status_note: str | None
    company: str | None = Field(description="Where they work, as they say it; customers are in `links`.")
    department: str | None
    title: str | None
    preferred_channel: ContactChannel | None
    language: str | None = Field(description="BCP 47, such as `zh-CN`.")
    websites: tuple[str, ...]
    photo_url: str | None
    source: str | None = Field(description="Where we met, such as `exhibition`.")
    tags: tuple[str, ...]
    external_refs: tuple[ExternalRef, ...]
    links: tuple[ContactLink, ...]
    phone: str | None = None
    phones: tuple[Phone, ...] = ()
    email: str | None = None
    emails: tuple[Email, ...] = ()
    address: Address | None = None
    addresses: tuple[PostalAddress, ...] = ()
    messengers: tuple[Messenger, ...] = ()
    birthday: str | None = Field(
        default=None, description="`YYYY-MM-DD`, or `--MM-DD` where the year is not known (RFC 6350, 4.3.1)."
    )
    notes: str | None = None


class ContactEvent(DomainEvent[ContactSnapshot]):
    """Base of the contact events."""

    topic = "crm.contact.v1"
    aggregate_type = "contact"


class ContactCreated(ContactEvent):
    """A contact was entered or imported."""

    type = "contact.created"


class ContactUpdated(ContactEvent):
    """Fields of a contact changed."""

    type = "contact.updated"


class ContactLinked(ContactEvent):
    """A contact is somebody at one customer more."""

    type = "contact.linked"


class ContactLinkChanged(ContactEvent):
    """What a contact is at a customer changed, or who is the primary one there."""

    type = "contact.link_changed"


class ContactUnlinked(ContactEvent):
    """A contact is nobody at a customer any more, and should never have been."""

    type = "contact.unlinked"


class ContactStatusChanged(ContactEvent):
    """A contact has left, died, or is back."""

    type = "contact.status_changed"


class ContactErased(ContactEvent):
    """The person was erased: what is left is a record without personal data, to which others refer."""

    type = "contact.erased"


class ContactDeleted(ContactEvent):
    """A contact was removed; the state is the last one."""

    type = "contact.deleted"


EVENTS: tuple[type[DomainEvent[Any]], ...] = (
    ContactCreated,
    ContactUpdated,
    ContactLinked,
    ContactLinkChanged,
    ContactUnlinked,
    ContactStatusChanged,
    ContactErased,
    ContactDeleted,
)
