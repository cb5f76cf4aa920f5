"""Normal forms of phone numbers, e-mail addresses and web sites."""

import re

import phonenumbers

from customer_svc.duplicates.matching.lists import listed
from customer_svc.duplicates.matching.text import fold

_MOBILE_CN = re.compile(r"1[3-9]\d{9}")
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_NOISE = re.compile(r"[\s\-().·/]+")
_HOST = re.compile(r"^(?:[a-z][a-z0-9+.-]*://)?(?:[^/@]*@)?(?:www\d?\.)?([^/:?#]+)")
_PLAIN_ADDRESS = re.compile(r"[a-z0-9._-]+@([a-z0-9-]+\.[a-z0-9.-]+)")
_DOTS_DO_NOT_COUNT = frozenset({"gmail.com", "googlemail.com"})

PUBLIC_MAIL = frozenset(listed("public_mail"))
"""Providers of mail for everybody: having the same one says nothing."""


def phone_number(text: str, region: str = "CN") -> str:
    """The number in E.164 form (``+8613800138000``); digits alone where it is no valid number; empty without digits.

    Args:
        text: As entered.
        region: The country that a number without a country code is from, ISO 3166-1 alpha-2.
    """
    if text.isascii() and _E164.fullmatch(text):  # as most are kept
        return text
    plain = _NOISE.sub("", fold(text))
    if _E164.fullmatch(plain):
        return plain
    if region == "CN" and _MOBILE_CN.fullmatch(plain):
        return f"+86{plain}"
    try:
        number = phonenumbers.parse(fold(text), region)
    except phonenumbers.NumberParseException:
        return "".join(filter(str.isdigit, plain))
    if phonenumbers.is_possible_number(number):
        number.extension = None
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return "".join(filter(str.isdigit, plain))


def email_address(text: str) -> str:
    """The address as mail reaches it: folded, without ``+tag``; empty where it is none."""
    plain = _PLAIN_ADDRESS.fullmatch(text)
    if plain is not None and plain[1] not in _DOTS_DO_NOT_COUNT:
        return text
    local, at, domain = "".join(fold(text).removeprefix("mailto:").split()).rpartition("@")
    local = local.partition("+")[0]
    if domain in _DOTS_DO_NOT_COUNT:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}" if at and local and "." in domain else ""


def web_domain(text: str) -> str:
    """The host of a web address without ``www.``; empty where it is none."""
    found = _HOST.match(fold(text).strip()) if text else None
    return found[1] if found and "." in found[1] else ""


def own_domain(email: str) -> str:
    """The domain of a normalised e-mail address; empty where it is a provider's for everybody."""
    domain = email.rpartition("@")[2]
    return "" if domain in PUBLIC_MAIL else domain
