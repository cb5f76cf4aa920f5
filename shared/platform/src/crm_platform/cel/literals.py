"""The constants of an expression: texts, numbers, dates, moments, durations."""

import re
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType
from uuid import UUID

from lark import Token

from crm_platform.cel.errors import CelLimitError, CelSyntaxError, CelTypeError, Position
from crm_platform.cel.nodes import Constant, Type, Value

MAX_INT = 2**63 - 1
SURROGATES = range(0xD800, 0xE000)
"""Code points that are no characters."""

_MAX_DIGITS = 38
"""Significant digits, and decimal places either way, of a decimal literal."""

_MAX_DURATION = 100 * 366 * 24 * 3600 * 1_000_000
"""A hundred years, in microseconds."""

_ESCAPE = re.compile(
    r"\\(?:(?P<plain>[abfnrtv\\?\"'`])|[xX](?P<x>[0-9a-fA-F]{2})|u(?P<u>[0-9a-fA-F]{4})"
    r"|U(?P<U>[0-9a-fA-F]{8})|(?P<octal>[0-3][0-7]{2})|(?P<bad>.))"
)
_PLAIN = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_UNIT = {"h": 3_600_000_000, "m": 60_000_000, "s": 1_000_000, "ms": 1000, "us": 1}
_DURATION_PART = r"([0-9]{1,18}(?:\.[0-9]{1,18})?)(ms|us|h|m|s)"
_DURATION = re.compile(rf"-?(?:{_DURATION_PART})+", re.ASCII)
_TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def literal(token: Token, text: str, *, sign: int = 1) -> Constant:
    """The constant that ``token`` of ``text`` stands for; a number is multiplied by ``sign``.

    Raises:
        CelSyntaxError: A string has a bad escape sequence.
        CelLimitError: A number is out of range.
    """
    match token.type:
        case "STRING":
            return Constant(_string(token, text), "string")
        case "INTEGER":
            return Constant(_integer(token, text, sign), "int")
        case "FLOAT":
            number = _decimal(token, text)
            return Constant(number if sign > 0 else number.copy_negate(), "decimal")
    return Constant(None, "null") if token.value == "null" else Constant(token.value == "true", "bool")


def _position(token: Token, text: str) -> Position:
    start = token.start_pos or 0
    return Position.of(text, start, start + len(token.value))


def _integer(token: Token, text: str, sign: int) -> int:
    digits = token.value.lower().removeprefix("0x")
    base = 10 if digits == token.value else 16
    significant = digits.lstrip("0") or "0"
    # The length is looked at first: converting thousands of digits takes quadratic time, or is refused.
    number = int(significant, base) * sign if len(significant) <= len(str(MAX_INT)) else MAX_INT + 1
    if not -MAX_INT - 1 <= number <= MAX_INT:
        raise CelLimitError("number_out_of_range", _position(token, text))
    return number


def _decimal(token: Token, text: str) -> Decimal:
    mantissa, _, exponent = token.value.lower().partition("e")
    digits = mantissa.replace(".", "").lstrip("0")
    if len(digits) > _MAX_DIGITS or len(exponent.lstrip("+-0")) > len(str(_MAX_DIGITS)):
        raise CelLimitError("number_out_of_range", _position(token, text))
    number = Decimal(token.value)
    places = number.as_tuple().exponent
    if not isinstance(places, int) or max(abs(places), abs(number.adjusted())) > _MAX_DIGITS:
        raise CelLimitError("number_out_of_range", _position(token, text))
    return number


def _string(token: Token, text: str) -> str:
    start = token.start_pos or 0
    if token.value[0] in "rR":
        return str(token.value[2:-1])

    def replace(escape: re.Match[str]) -> str:
        if plain := escape["plain"]:
            return _PLAIN.get(plain, plain)
        code = int(escape["octal"] or escape["x"] or escape["u"] or escape["U"] or "0", 8 if escape["octal"] else 16)
        if code == 0 or code in SURROGATES or code > sys.maxunicode:
            offset = start + 1 + escape.start()
            raise CelSyntaxError("bad_escape", Position.of(text, offset, offset + len(escape.group())))
        return chr(code)

    return _ESCAPE.sub(replace, token.value[1:-1])


def parse_timestamp(text: str) -> datetime:
    """The moment that an RFC 3339 ``text`` names, in UTC, to the microsecond.

    Raises:
        ValueError: It does not name one.
    """
    if not _TIMESTAMP.fullmatch(text):
        raise ValueError(text)
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except OverflowError:
        raise ValueError(text) from None


def parse_date(text: str) -> date:
    """The date ``text``, as ``2024-02-29``.

    Raises:
        ValueError: It is not one.
    """
    if not _DATE.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text)


def parse_uuid(text: str) -> UUID:
    """The identifier ``text``, written with hyphens.

    Raises:
        ValueError: It is not one.
    """
    if not _UUID.fullmatch(text):
        raise ValueError(text)
    return UUID(text)


def _duration(text: str) -> int:
    if not _DURATION.fullmatch(text):
        raise ValueError(text)
    exact = sum(Decimal(number) * _UNIT[unit] for number, unit in re.findall(_DURATION_PART, text))
    microseconds = int(exact)
    if microseconds != exact or microseconds > _MAX_DURATION:
        raise ValueError(text)
    return -microseconds if text.startswith("-") else microseconds


CONVERSIONS: MappingProxyType[Type, Callable[[str], Value]] = MappingProxyType(
    {"timestamp": parse_timestamp, "date": parse_date, "duration": _duration, "uuid": parse_uuid}
)
"""How a string becomes a constant of another type."""


def convert(constant: Constant, target: Type, position: Position) -> Constant:
    """The string ``constant`` as a constant of type ``target``.

    Raises:
        CelTypeError: It is not a valid ``target``.
    """
    try:
        return Constant(CONVERSIONS[target](str(constant.value)), target)
    except ValueError:
        raise CelTypeError("bad_literal", position, expected=target) from None
