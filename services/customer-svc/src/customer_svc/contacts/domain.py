"""Rules of contacts: names and ways to reach them, what they are at customers, life cycle."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from crm_contracts.base import ExternalRef
from crm_contracts.contact.v1 import ContactChannel, ContactLink, ContactStatus, Messenger
from crm_contracts.customer.v1 import Address, Email, Phone, PostalAddress
from crm_platform.aggregate import OwnedState
from crm_platform.statemachine import StateMachine
from crm_platform.words import Words
from customer_svc.contacts.errors import AlreadyLinked, CannotBePrimary, NotLinked
from customer_svc.values.emails import email_key
from customer_svc.values.lists import OF_PEOPLE, changed_entries
from customer_svc.values.names import name_key
from customer_svc.values.phones import parse_number
from customer_svc.values.refused import AllRefused, Refused

NOUN = Words("contact", "联系人")

LIFE_CYCLE: StateMachine[ContactStatus] = StateMachine(
    what=NOUN,
    initial=ContactStatus.ACTIVE,
    transitions={
        (ContactStatus.ACTIVE, "leave"): ContactStatus.LEFT,
        (ContactStatus.ACTIVE, "record_death"): ContactStatus.DECEASED,
        (ContactStatus.LEFT, "return"): ContactStatus.ACTIVE,
        (ContactStatus.LEFT, "record_death"): ContactStatus.DECEASED,
        (ContactStatus.DECEASED, "return"): ContactStatus.ACTIVE,
    },
)
"""Also from `deceased` there is a way back, since people make mistakes."""

SEALED = (
    "phone",
    "phones",
    "email",
    "emails",
    "address",
    "addresses",
    "messengers",
    "birthday",
    "notes",
)
"""Members that are personal data and kept encrypted; names stay searchable."""

_BACKWARDS = Words("the last day is before the first", "结束日期早于开始日期")
_TWICE = Words("the same entry stands in the list before", "列表中已有相同的条目")


def sought_form(kind: str, text: str) -> str:
    """What ``text`` is found by, in the form of :data:`FOUND_BY`.

    Raises:
        Refused: It is no phone number.
    """
    if kind == "phone":
        return parse_number(text).e164
    return str(email_key(text.strip())) if kind == "email" else name_key(text)


_NULLABLE = (
    *("family_name", "given_name", "additional_names", "honorific_prefix", "honorific_suffix", "name_latin"),
    *("nickname", "salutation", "status_note", "company", "department", "title", "photo_url", "source"),
    *("phone", "email", "address", "birthday", "notes"),
)
_LISTS = ("websites", "tags", "external_refs", "phones", "emails", "addresses", "messengers")
"""What a person is called, described and reached by."""

WORDS = ("name", "links", *(name for name in (*_NULLABLE, *_LISTS) if name not in SEALED))
"""What is searched and sorted by, and goes when a person is erased."""


class Contact(OwnedState):
    """A person whom we know at one or more customers."""

    name: str
    family_name: str | None = None
    given_name: str | None = None
    additional_names: str | None = None
    honorific_prefix: str | None = None
    honorific_suffix: str | None = None
    name_latin: str | None = None
    nickname: str | None = None
    salutation: str | None = None
    status: ContactStatus = LIFE_CYCLE.initial
    status_since: datetime | None = None
    status_note: str | None = None
    company: str | None = None
    department: str | None = None
    title: str | None = None
    preferred_channel: ContactChannel | None = None
    language: str | None = None
    websites: tuple[str, ...] = ()
    photo_url: str | None = None
    source: str | None = None
    tags: tuple[str, ...] = ()
    external_refs: tuple[ExternalRef, ...] = ()
    links: tuple[ContactLink, ...] = ()
    phone: str | None = None
    phones: tuple[Phone, ...] = ()
    email: str | None = None
    emails: tuple[Email, ...] = ()
    address: Address | None = None
    addresses: tuple[PostalAddress, ...] = ()
    messengers: tuple[Messenger, ...] = ()
    birthday: str | None = None
    notes: str | None = None

    def changed(self, changes: Mapping[str, Any]) -> "Contact":
        """The contact after ``changes`` that were sent; links have ways of their own.

        Raises:
            AllRefused: Values break rules.
        """
        values, refusals = changed_entries(self, changes, OF_PEOPLE)
        if "messengers" in changes:
            values["messengers"] = tuple(Messenger(**dict(sent)) for sent in changes["messengers"])
            refusals += _repeated(values["messengers"])
        if refusals:
            raise AllRefused(refusals)
        return self.with_(**values)

    def erased(self, name: str) -> "Contact":
        """What is left of a person who is erased: a record under ``name``, to which others refer."""
        empty: dict[str, Any] = dict.fromkeys(_NULLABLE)
        unsaid = dict.fromkeys(("title", "department", "role"))
        links = tuple(link.model_copy(update=unsaid) for link in self.links)
        return self.with_(**empty, **dict.fromkeys(_LISTS, ()), name=name, links=links)

    def link_to(self, customer_id: UUID) -> ContactLink | None:
        """What the contact is at a customer; None where it is nothing."""
        return next((link for link in self.links if link.customer_id == customer_id), None)

    def linked(self, sent: Mapping[str, Any], today: date) -> "Contact":
        """The contact as somebody at one customer more.

        Args:
            sent: The members of the link.
            today: Links that end before are over.

        Raises:
            AlreadyLinked: It is at that customer already.
            AllRefused: The link makes no sense.
            CannotBePrimary: It is primary, and over.
        """
        link = ContactLink(**dict(sent))
        if self.link_to(link.customer_id) is not None:
            raise AlreadyLinked(customer_id=link.customer_id)
        return self._with_links((*self.links, self._checked(link, today)))

    def relinked(self, customer_id: UUID, changes: Mapping[str, Any], today: date) -> "Contact":
        """The contact after ``changes`` of what it is at a customer; an end in the past makes nobody primary.

        Raises:
            NotLinked: It is nothing there.
            AllRefused: The link makes no sense.
            CannotBePrimary: It is to be primary, and is over.
        """
        before = self._link(customer_id)
        after = before.model_copy(update=dict(changes))
        if before.primary and "primary" not in changes and _is_over(after, today):
            after = after.model_copy(update={"primary": False})
        return self._with(self._checked(after, today))

    def unlinked(self, customer_id: UUID) -> "Contact":
        """The contact without what it was at a customer.

        Raises:
            NotLinked: It is nothing there.
        """
        self._link(customer_id)
        return self._with_links(tuple(link for link in self.links if link.customer_id != customer_id))

    def step_back(self, customer_id: UUID) -> "Contact":
        """The contact after another has become the primary one of a customer."""
        link = self.link_to(customer_id)
        return self if link is None else self._with(link.model_copy(update={"primary": False}))

    def move(self, action: str, *, at: datetime, on: date, note: str | None = None) -> "Contact":
        """The contact after ``action`` of the life cycle.

        Whoever has left or died is primary nowhere, and open links end on that day.

        Args:
            action: ``leave``, ``record_death`` or ``return``.
            at: When it is put on record.
            note: Why, in words.
            on: The last day.

        Raises:
            InvalidTransition: Not possible in the present state.
        """
        status = LIFE_CYCLE.after(self.status, action)
        after = self.with_(status=status, status_since=at, status_note=note)
        if status is ContactStatus.ACTIVE:
            return after
        return after._with_links(tuple(_ended(link, on) for link in self.links))  # noqa: SLF001 - it is one of these

    def _link(self, customer_id: UUID) -> ContactLink:
        link = self.link_to(customer_id)
        if link is None:
            raise NotLinked(customer_id=customer_id)
        return link

    def _with(self, changed: ContactLink) -> "Contact":
        return self._with_links(
            tuple(changed if link.customer_id == changed.customer_id else link for link in self.links)
        )

    def _with_links(self, links: tuple[ContactLink, ...]) -> "Contact":
        return self.with_(links=links)

    def _checked(self, link: ContactLink, today: date) -> ContactLink:
        if link.since and link.until and link.until < link.since:
            raise AllRefused([Refused("ends_before_it_begins", _BACKWARDS, ("until",))])
        if link.primary and (self.status is not ContactStatus.ACTIVE or _is_over(link, today)):
            raise CannotBePrimary
        return link


FOUND_BY: Mapping[str, Callable[[Contact], Iterable[str]]] = {
    "phone": lambda contact: (phone.number for phone in contact.phones if phone.number),
    "email": lambda contact: (str(email_key(email.address)) for email in contact.emails),
    "messenger": lambda contact: (name_key(messenger.account) for messenger in contact.messengers),
}
"""By what contacts are found although it is sealed: numbers without extensions, addresses, accounts of any service."""


def _is_over(link: ContactLink, today: date) -> bool:
    return link.until is not None and link.until < today


def _ended(link: ContactLink, last: date) -> ContactLink:
    """``link``, ended on ``last`` unless it ended before; one that was to begin later has no day at all."""
    until = last if link.until is None or link.until > last else link.until
    since = None if link.since and link.since > until else link.since
    return link.model_copy(update={"primary": False, "since": since, "until": until})


def _repeated(messengers: tuple[Messenger, ...]) -> list[Refused]:
    keys = [(one.kind, name_key(one.account)) for one in messengers]
    return [
        Refused("duplicate_entry", _TWICE, ("messengers", index))
        for index, key in enumerate(keys)
        if key in keys[:index]
    ]
