"""Reading the fields of a row or an object for evaluation."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any
from uuid import UUID

from crm_platform.cel.errors import CelValueError
from crm_platform.cel.fields import Field
from crm_platform.cel.literals import MAX_INT, parse_date, parse_timestamp, parse_uuid

_MAX_PLACES = 200
"""Digits before or after the point of a decimal value."""


def reader(field: Field) -> Callable[[Mapping[str, Any]], Any]:
    """The function that takes ``field`` out of a row.

    The row has it under its dotted name, or nested; nothing there is null, or an empty list. Values may be
    Python objects or what they are in JSON: text for decimals, dates, moments and identifiers. The function
    raises CelValueError for a value of another kind.
    """
    convert = _CONVERTERS[field.kind]
    name = field.name
    path = name.split(".")
    missing: Any = () if field.kind in {"string_list", "uuid_list"} else None

    def read(row: Mapping[str, Any]) -> Any:
        value = row[name] if name in row else _nested(row, path)
        if value is None:
            return missing
        try:
            return convert(value)
        except (TypeError, ValueError):
            raise CelValueError("bad_value", name=name, expected=field.kind) from None

    return read


def _nested(row: Any, path: list[str]) -> Any:
    for word in path:
        if not isinstance(row, Mapping):
            return None
        row = row.get(word)
    return row


def _text(value: Any) -> str:
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, str):
        return value
    raise TypeError(value)


def _int(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and -MAX_INT - 1 <= value <= MAX_INT:
        return value
    raise TypeError(value)


def _decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, Decimal | int | str | float):
        raise TypeError(value)
    try:
        number = Decimal(repr(value) if isinstance(value, float) else value)
    except InvalidOperation:
        raise ValueError(value) from None
    places = number.as_tuple().exponent
    if not isinstance(places, int) or max(abs(places), abs(number.adjusted())) > _MAX_PLACES:
        raise ValueError(value)
    return number


def _bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise TypeError(value)


def _date(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    return parse_date(_text(value))


def _timestamp(value: Any) -> datetime:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value
    return parse_timestamp(_text(value))


def _uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else parse_uuid(_text(value))


def _list_of(convert: Callable[[Any], Any]) -> Callable[[Any], list[Any]]:
    def converted(value: Any) -> list[Any]:
        if not isinstance(value, list | tuple | set | frozenset):
            raise TypeError(value)
        return [None if item is None else convert(item) for item in value]

    return converted


_CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "string": _text,
    "enum": _text,
    "int": _int,
    "decimal": _decimal,
    "bool": _bool,
    "date": _date,
    "timestamp": _timestamp,
    "uuid": _uuid,
    "string_list": _list_of(_text),
    "uuid_list": _list_of(_uuid),
}
