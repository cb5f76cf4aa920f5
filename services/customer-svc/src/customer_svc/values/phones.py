"""Phone numbers: E.164 out of what people type, by Google's libphonenumber."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from crm_contracts.customer.v1 import Phone, PhoneKind
from crm_platform.words import Words
from customer_svc.values.refused import Refused

DEFAULT_COUNTRY = "CN"
"""Where a number without a country code is from, if the customer's address does not say."""

REGIONS: frozenset[str] = frozenset(phonenumbers.SUPPORTED_REGIONS)
"""ISO 3166-1 codes of the places that have phone numbers, which are all inhabited ones."""

_EXTENSION = re.compile(r"\s*(?:转|轉|分机号?|分機號?|內線|内线)\s*[::]?\s*(?=\d)")
_TRAILING = re.compile(r"^(.*\d)\s*[-#*]\s*(\d{1,6})$")

_KINDS = {
    PhoneNumberType.MOBILE: PhoneKind.MOBILE,
    PhoneNumberType.PAGER: PhoneKind.MOBILE,
    PhoneNumberType.FIXED_LINE: PhoneKind.LANDLINE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: PhoneKind.UNKNOWN,
    PhoneNumberType.UNKNOWN: PhoneKind.UNKNOWN,
}

_NO_PHONE = Words(
    "not a phone number of {country}; write it with its area code, or with + and the country code",
    "不是 {country} 的有效电话号码；请带上区号，或以 + 和国家代码开头",
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number that can be dialled."""

    e164: str
    extension: str | None
    kind: PhoneKind


@lru_cache(maxsize=4096)
def parse_number(text: str, country: str = DEFAULT_COUNTRY) -> Number:
    """Read a number as people type it: any width, spaces and dashes, ``转 801`` or ``-801`` for an extension.

    Args:
        text: What was typed.
        country: ISO 3166-1 code of where a number without country code is from.

    Raises:
        Refused: No number of that country, by libphonenumber's numbering plans.
    """
    folded = _EXTENSION.sub(";ext=", unicodedata.normalize("NFKC", text).strip())
    region = country if country in REGIONS else None
    found = _valid(folded, region)
    if found is None and (parts := _TRAILING.match(folded)):
        found = _valid(f"{parts[1]};ext={parts[2]}", region)
    if found is None:
        raise Refused("invalid_phone", Words(*(w.format(country=country) for w in (_NO_PHONE.en, _NO_PHONE.zh))))
    kind = _KINDS.get(phonenumbers.number_type(found), PhoneKind.SERVICE)
    return Number(phonenumbers.format_number(found, PhoneNumberFormat.E164), found.extension or None, kind)


def _valid(text: str, region: str | None) -> PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def spelled(phone: Phone) -> str:
    """One text for a phone: E.164, with ``;ext=`` (RFC 3966) before an extension; as entered if it is no number."""
    if phone.number is None:
        return phone.entered
    return f"{phone.number};ext={phone.extension}" if phone.extension else phone.number


def phone_key(phone: Phone) -> str:
    """What phones are compared by."""
    return spelled(phone) if phone.number else "".join(unicodedata.normalize("NFKC", phone.entered).casefold().split())


def entered_phone(text: str, country: str = DEFAULT_COUNTRY) -> Phone:
    """The phone that somebody typed.

    Raises:
        Refused: See :func:`parse_number`.
    """
    number = parse_number(text, country)
    return Phone(number=number.e164, extension=number.extension, entered=text, kind=number.kind)


def foreign_phone(text: str, country: str = DEFAULT_COUNTRY) -> Phone:
    """Like :func:`entered_phone`; a text that is no number is kept as it is, since nobody is there to correct it."""
    try:
        return entered_phone(text, country)
    except Refused:
        return Phone(entered=text)


def phone_form(text: str) -> str | None:
    """The form in which phones are looked for; None for what is no number."""
    try:
        return parse_number(text).e164
    except Refused:
        return None
