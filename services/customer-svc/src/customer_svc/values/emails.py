"""E-mail addresses: checked as RFC 5321 and its international extensions have them, without asking any server."""

import unicodedata
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from crm_contracts.customer.v1 import Email
from crm_platform.words import Words
from customer_svc.values.refused import Refused

_ZH = "不是有效的电子邮箱地址"


@lru_cache(maxsize=4096)
def parse_address(text: str) -> str:
    """The address as it is written to: no surrounding blanks, half-width, domain in lower case.

    Raises:
        Refused: No e-mail address; the words say which part is wrong.
    """
    folded = unicodedata.normalize("NFKC", text).strip()
    try:
        return validate_email(folded, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise Refused("invalid_email", Words(str(error), _ZH)) from error


def email_key(address: str | None) -> str | None:
    """What addresses are compared by: width and case do not count."""
    return unicodedata.normalize("NFKC", address).casefold() if address else None


def entered_email(text: str) -> Email:
    """The address that somebody typed.

    Raises:
        Refused: See :func:`parse_address`.
    """
    return Email(address=parse_address(text))


def email_form(text: str) -> str | None:
    """The form in which addresses are looked for; None for what is none."""
    try:
        return email_key(parse_address(text))
    except Refused:
        return None
