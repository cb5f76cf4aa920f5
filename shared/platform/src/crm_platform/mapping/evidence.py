"""What the values of a column look like."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC

from crm_platform.cleaning.choices import cleaned_boolean, cleaned_choice
from crm_platform.cleaning.dates import Order, cleaned_date, cleaned_datetime, cleaned_year
from crm_platform.cleaning.numbers import cleaned_integer, cleaned_money, cleaned_number
from crm_platform.cleaning.outcome import NotUnderstood
from crm_platform.cleaning.text import cleaned_or_nothing, narrow
from crm_platform.files.rows import Value
from crm_platform.mapping.targets import Target, TargetKind

_PHONE = re.compile(r"(?:\+|00)?[\d\s()/.-]{6,24}(?:\s*(?:ext\.?|x|转|轉|分机)\s*\d{1,6})?", re.IGNORECASE)
_MOBILE = re.compile(r"(?:(?:\+|00)?86)?1[3-9]\d{9}")
_DAY = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}|\d{8}")
_FRACTION = re.compile(r"[+-]?\d*\.\d+")
_PHONE_DIGITS = range(7, 16)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}")
_URL = re.compile(r"(?:https?://|www\.)\S+\.\S+|[\w-]+(?:\.[\w-]+)*\.(?:com|cn|net|org|io)(?:/\S*)?", re.IGNORECASE)


def share(values: Sequence[Value], target: Target) -> float | None:
    """How many of the values that are there fit the target, from 0 to 1.

    None where nothing can be said: there are no values, or any text would fit.
    """
    fits = target.matches or _form(target)
    if fits is None:
        return None
    texts = [text for value in values if (text := cleaned_or_nothing(str(value)).value if value is not None else None)]
    return sum(map(fits, texts)) / len(texts) if texts else None


def is_phone(text: str) -> bool:
    """Whether a text looks like a telephone number."""
    plain = narrow(text)
    digits = re.sub(r"\D", "", plain)
    if _MOBILE.fullmatch(re.sub(r"[\s-]", "", plain)):
        return True
    # Figures alone can be anything; who writes down a number for people to dial divides it, or begins with + or 0.
    is_written = plain.startswith(("+", "0", "(")) or bool(re.search(r"\d[\s-]+\d|\)", plain))
    return (
        is_written
        and _PHONE.fullmatch(plain) is not None
        and len(digits) in _PHONE_DIGITS
        and not _DAY.fullmatch(plain)
        and not _FRACTION.fullmatch(plain)
    )


def _form(target: Target) -> Callable[[str], bool] | None:
    if target.kind is TargetKind.CHOICE:
        return lambda text: _is_read(cleaned_choice, text, choices=target.choices)
    return _FORMS.get(target.kind)


def _is_read(read: Callable[..., object], text: str, **options: object) -> bool:
    try:
        read(text, **options)
    except NotUnderstood:
        return False
    return True


def _is_money(text: str) -> bool:
    try:
        cleaned_money(text, currency="CNY")
    except NotUnderstood as reason:
        return reason.code == "ambiguous_currency"
    return True


_FORMS: Mapping[TargetKind, Callable[[str], bool]] = {
    TargetKind.PHONE: is_phone,
    TargetKind.EMAIL: lambda text: _EMAIL.fullmatch(narrow(text)) is not None,
    TargetKind.URL: lambda text: _URL.fullmatch(narrow(text)) is not None,
    TargetKind.DATE: lambda text: (
        _is_read(cleaned_date, text, order=Order.DAY_FIRST) or _is_read(cleaned_date, text, order=Order.MONTH_FIRST)
    ),
    TargetKind.DATETIME: lambda text: (
        _is_read(cleaned_datetime, text, zone=UTC, order=Order.DAY_FIRST)
        or _is_read(cleaned_datetime, text, zone=UTC, order=Order.MONTH_FIRST)
    ),
    TargetKind.YEAR: lambda text: _is_read(cleaned_year, text, order=Order.DAY_FIRST),
    TargetKind.INTEGER: lambda text: _is_read(cleaned_integer, text),
    TargetKind.DECIMAL: lambda text: _is_read(cleaned_number, text),
    TargetKind.MONEY: _is_money,
    TargetKind.BOOLEAN: lambda text: _is_read(cleaned_boolean, text),
}
