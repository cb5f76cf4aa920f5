"""The lists of entries that customers and contacts have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from crm_contracts.customer.v1 import Address, Email, Phone, PhoneKind, PostalAddress, Registration
from customer_svc.values.emails import email_key
from customer_svc.values.entries import Entries, is_primary
from customer_svc.values.names import name_key
from customer_svc.values.phones import (
    DEFAULT_COUNTRY,
    entered_phone,
    foreign_phone,
    parse_number,
    phone_key,
    spelled,
)
from customer_svc.values.refused import AllRefused, Refused
from customer_svc.values.registration import foreign_registration, recognised_registration, registration_key


def _enter_phone(sent: Any, country: str) -> Phone:
    if isinstance(sent, Phone) and sent.number is None:
        return sent  # from a file or another system, which is told but not corrected
    try:
        number = parse_number(sent.number, country)
    except Refused as refused:
        raise refused.at("number") from refused
    kind = sent.kind if number.kind is PhoneKind.UNKNOWN and sent.kind else number.kind
    return Phone(
        number=number.e164,
        extension=sent.extension or number.extension,
        entered=_entered(sent, number.e164, country),
        kind=kind,
        label=sent.label,
        primary=sent.primary,
    )


def _entered(sent: Any, e164: str, country: str) -> str:
    """How the number was typed: what the client says about it counts only if it is the same number."""
    text: str = sent.entered or sent.number
    if text == sent.number:
        return text
    try:
        same = parse_number(text, country).e164 == e164
    except Refused:
        same = False
    return text if same else str(sent.number)


def _enter_address(sent: Any, _: str) -> PostalAddress:
    return PostalAddress(**dict(sent))


def _address_of(entry: PostalAddress) -> Address:
    return Address.model_validate({name: getattr(entry, name) for name in Address.model_fields})


def _address_key(entry: PostalAddress) -> tuple[str, ...]:
    return tuple(name_key(getattr(entry, name) or "") for name in Address.model_fields)


PHONES = Entries(
    plural="phones",
    single="phone",
    enter=_enter_phone,
    enter_single=entered_phone,
    shown=spelled,
    key=phone_key,
    distinct=phone_key,
)
EMAILS = Entries(
    plural="emails",
    single="email",
    enter=lambda sent, _: Email(**dict(sent)),
    enter_single=lambda text, _: Email(address=text),
    shown=lambda email: email.address,
    key=lambda email: email_key(email.address),
    distinct=lambda email: email_key(email.address),
)
ADDRESSES = Entries(
    plural="addresses",
    single="address",
    enter=_enter_address,
    enter_single=_enter_address,
    shown=_address_of,
    key=_address_key,
    distinct=lambda entry: (entry.kind, *_address_key(entry)),
    kept=("label", "kind"),
)
REGISTRATIONS = Entries(
    plural="registrations",
    single="registration_id",
    enter=lambda sent, _: Registration(**dict(sent)),
    enter_single=lambda text, _: recognised_registration(text),
    shown=lambda registration: registration.number,
    key=lambda registration: registration_key(registration)[1],
    distinct=registration_key,
    kept=(),
)


@dataclass(frozen=True)
class Kind:
    """One list of entries: what people send into it is checked, what other systems say is taken as it is."""

    strict: Entries[Any]
    tolerant: Entries[Any]


OF_PEOPLE = (
    Kind(ADDRESSES, ADDRESSES),
    Kind(PHONES, replace(PHONES, enter_single=foreign_phone)),
    Kind(EMAILS, EMAILS),
)
"""The lists of entries that anybody can have."""

ALL = (
    *OF_PEOPLE,
    Kind(REGISTRATIONS, replace(REGISTRATIONS, enter_single=lambda text, _: foreign_registration(text))),
)
"""Those of companies."""


def changed_entries(
    record: Any,
    changes: Mapping[str, Any],
    kinds: Sequence[Kind],
    *,
    foreign: bool = False,
    country: str | None = None,
) -> tuple[dict[str, Any], list[Refused]]:
    """``changes`` of a record with its lists, and the members that show their primary entries, brought into step.

    Args:
        record: The state before, with the two members of each kind and ``address``.
        changes: What was sent.
        kinds: The lists that the record has.
        foreign: Another system says it: nobody is there to correct it, so nothing of it is refused.
        country: Where somebody is of whom no address says it.

    Returns:
        The values to set, and what of them breaks rules.
    """
    values = dict(changes)
    refusals: list[Refused] = []
    country = _country(record.address, changes) or country or DEFAULT_COUNTRY
    for kind in kinds:
        entries = kind.tolerant.known(getattr(record, kind.strict.plural), getattr(record, kind.strict.single), country)
        try:
            values |= (kind.tolerant if foreign else kind.strict).changed(entries, changes, country)
        except AllRefused as refused:
            refusals += refused.refusals
    return values, refusals


def _country(address: Address | None, changes: Mapping[str, Any]) -> str | None:
    """Where somebody is: by what is sent, else by what is known."""
    sent = changes.get("addresses") or ()
    candidates = [changes.get("address"), *filter(is_primary, sent), *sent, address]
    return next((one.country for one in candidates if one is not None), None)
