"""A record as it is compared."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from customer_svc.duplicates.matching.contact import email_address, own_domain, phone_number, web_domain
from customer_svc.duplicates.matching.identifier import identifier
from customer_svc.duplicates.matching.organisation import OrganisationName, parse_organisation
from customer_svc.duplicates.matching.person import PersonName, parse_person
from customer_svc.duplicates.matching.place import Place, place

_NONE = frozenset[str]()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A record as it was entered; what is empty is unknown.

    Attributes:
        name: The full name; for people it may be left empty where the parts are given.
        other_names: Further names of a company, such as the one in Latin letters and the short one.
        is_person: Whether it is a person.
        given_name: Given names of a person, where known apart.
        family_name: Family name of a person, where known apart.
        phones: Phone numbers in any form.
        emails: E-mail addresses.
        website: Web address.
        street: Street line with numbers.
        locality: City, suburb or district.
        region: Province or state.
        postcode: Postal code.
        country: ISO 3166-1 alpha-2; phone numbers without country code are from there.
        birth_date: Of a person.
        identifiers: Numbers of registers by their kind, such as ``registration_id``.
    """

    name: str = ""
    other_names: tuple[str, ...] = ()
    is_person: bool = False
    given_name: str = ""
    family_name: str = ""
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    website: str = ""
    street: str = ""
    locality: str = ""
    region: str = ""
    postcode: str = ""
    country: str = "CN"
    birth_date: date | None = None
    identifiers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), hash=False)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Profile:
    """The normal form of an :class:`Entry`; ``organisations`` are the names of a company, its full name first.

    It is equal to itself alone, so that what follows from it can be kept beside it.
    """

    person: PersonName | None
    organisations: tuple[OrganisationName, ...]
    phones: frozenset[str]
    emails: frozenset[str]
    domains: frozenset[str]
    place: Place
    birth_date: date | None
    identifiers: Mapping[str, str]


def identifiers(entry: Entry) -> dict[str, str]:
    """The numbers of registers of a record, normalised, by their kind."""
    if not entry.identifiers:
        return {}
    numbers = [(kind, identifier(value)) for kind, value in entry.identifiers.items()]
    return {kind: value for kind, value in numbers if value}


@lru_cache(maxsize=4096)
def profile(entry: Entry) -> Profile:
    """Normalise a record; what is written is compared and filed within one transaction, so the last ones are kept."""
    emails = frozenset(filter(None, map(email_address, entry.emails))) if entry.emails else _NONE
    domains = {web_domain(entry.website), *map(own_domain, emails)}
    full = entry.name or f"{entry.given_name} {entry.family_name}"
    phones = [phone_number(phone, entry.country) for phone in entry.phones]
    return Profile(
        person=parse_person(entry.name, entry.given_name, entry.family_name) if entry.is_person else None,
        organisations=() if entry.is_person else tuple(map(parse_organisation, (full, *entry.other_names))),
        phones=frozenset(filter(None, phones)) if phones else _NONE,
        emails=emails,
        domains=frozenset(filter(None, domains)),
        place=place(street=entry.street, locality=entry.locality, region=entry.region, postcode=entry.postcode),
        birth_date=entry.birth_date,
        identifiers=identifiers(entry),
    )
