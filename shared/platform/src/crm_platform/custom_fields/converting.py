"""Values that were written under another type, or in the cell of a file, brought into the type of their field."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from crm_contracts.custom_field.v1 import FieldType
from crm_platform.cleaning.choices import cleaned_boolean, cleaned_choice
from crm_platform.cleaning.dates import cleaned_date
from crm_platform.cleaning.numbers import cleaned_money, cleaned_number
from crm_platform.cleaning.outcome import NotUnderstood
from crm_platform.custom_fields.domain import CustomField
from crm_platform.custom_fields.refused import Refused
from crm_platform.custom_fields.values import Json, canonical
from crm_platform.words import Words

_SEPARATORS = re.compile(r"[|、;；\n]")


def fits(field: CustomField, value: Json) -> bool:
    """Whether a stored value is of the field's type; bounds and choices may have changed since."""
    return value is None or _SHAPES[field.type](value)


def followed(field: CustomField, value: Json) -> Json:
    """A stored value as the type of its field has it by now; None where that cannot be."""
    if fits(field, value):
        return value
    try:
        return converted(field, value)
    except Refused:
        return None


def converted(field: CustomField, value: Json) -> Json:
    """A value of another type, or the content of a cell, as one of the field.

    Raises:
        Refused: It cannot be one.
    """
    text = _spelled(value).strip()
    if not text:
        return None
    try:
        read = _READERS[field.type](field, text)
    except NotUnderstood as error:
        raise Refused(error.code, error.words) from error
    return canonical(field, read)


def _spelled(value: Json) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return f"{value.get('currency')} {value.get('amount')}"
    if isinstance(value, list):
        return " | ".join(map(str, value))
    return format(Decimal(repr(value)), "f") if isinstance(value, float) else str(value)


def _money(_: CustomField, text: str) -> Json:
    amount = cleaned_money(text).value
    return {"amount": format(amount.amount, "f"), "currency": amount.currency}


def _choice(field: CustomField, text: str) -> Json:
    labels = {one.value: Words(one.label.en, one.label.zh) for one in field.choices}
    return cleaned_choice(text, labels).value


def _choices(field: CustomField, text: str) -> Json:
    return [_choice(field, part.strip()) for part in _SEPARATORS.split(text) if part.strip()]


_READERS: Mapping[FieldType, Callable[[CustomField, str], Json]] = {
    FieldType.TEXT: lambda _, text: text,
    FieldType.NUMBER: lambda _, text: cleaned_number(text).value,
    FieldType.MONEY: _money,
    FieldType.DATE: lambda _, text: cleaned_date(text).value.isoformat(),
    FieldType.BOOLEAN: lambda _, text: cleaned_boolean(text).value,
    FieldType.CHOICE: _choice,
    FieldType.MULTI_CHOICE: _choices,
    FieldType.REFERENCE: lambda _, text: text,
    FieldType.FORMULA: lambda _, text: text,
}


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_date(value: Any) -> bool:
    return isinstance(value, str) and len(value) == len("2026-01-01") and value[4] == value[7] == "-"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_SHAPES: Mapping[FieldType, Callable[[Any], bool]] = {
    FieldType.TEXT: _is_text,
    FieldType.CHOICE: _is_text,
    FieldType.REFERENCE: _is_text,
    FieldType.NUMBER: _is_number,
    FieldType.MONEY: lambda value: isinstance(value, Mapping),
    FieldType.DATE: _is_date,
    FieldType.BOOLEAN: lambda value: isinstance(value, bool),
    FieldType.MULTI_CHOICE: lambda value: isinstance(value, list),
    FieldType.FORMULA: lambda _: True,
}
