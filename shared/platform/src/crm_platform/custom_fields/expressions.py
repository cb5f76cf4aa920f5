"""Custom fields as fields of the expression language: their kind, and what holds them in SQL."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Date,
    Numeric,
    Text,
    Uuid,
    case,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB

from crm_contracts.custom_field.v1 import FieldType
from crm_platform.cel import Field
from crm_platform.cel.fields import Kind
from crm_platform.custom_fields.domain import CustomField
from crm_platform.custom_fields.formulas import PREFIX

Sql = ColumnElement[Any]

_KINDS: Mapping[FieldType, Kind] = {
    FieldType.TEXT: "string",
    FieldType.NUMBER: "decimal",
    FieldType.DATE: "date",
    FieldType.BOOLEAN: "bool",
    FieldType.CHOICE: "enum",
    FieldType.MULTI_CHOICE: "string_list",
    FieldType.REFERENCE: "uuid",
}


def fields_of(custom: Sql, definitions: Iterable[CustomField]) -> Iterator[Field]:
    """What expressions on records can read of the JSON object ``custom``.

    A value of another type, as there may be some until a conversion is through, is null.
    """
    for one in definitions:
        name, value = f"{PREFIX}{one.key}", member(custom, one.key)
        if one.holds is FieldType.MONEY:
            yield Field(f"{name}.amount", amount(value), "decimal")
            yield Field(f"{name}.currency", text_of(value, "currency"), "string")
        elif one.holds is FieldType.CHOICE:
            yield Field(name, _COLUMNS[one.holds](value), "enum", tuple(choice.value for choice in one.choices))
        else:
            yield Field(name, _COLUMNS[one.holds](value), _KINDS[one.holds])


def names_of(definition: CustomField) -> tuple[str, ...]:
    """The names of a field in expressions; that by which it is compared comes first."""
    name = f"{PREFIX}{definition.key}"
    return (f"{name}.amount", f"{name}.currency") if definition.holds is FieldType.MONEY else (name,)


def compared_column(custom: Sql, definition: CustomField) -> Sql:
    """By what a field is sorted where it is not indexed; NULL where there is no value."""
    value = member(custom, definition.key)
    if definition.holds is FieldType.MONEY:
        return amount(value)
    return _text(value) if definition.compared == "text" else _COLUMNS[definition.holds](value)


def member(custom: Sql, key: str) -> Sql:
    """The value of one field, as JSON; keys have nothing in them that would have to be quoted."""
    return custom.op("->", return_type=JSONB())(literal_column(f"'{key}'"))


def text_of(value: Sql, name: str) -> Sql:
    """The text of one member of a JSON object; NULL where it is none."""
    return value.op("->>", return_type=Text())(literal_column(f"'{name}'"))


def _text(value: Sql) -> Sql:
    return value.op("#>>", return_type=Text())(literal_column("'{}'"))


def _if(kind: str, value: Sql, then: Sql) -> Sql:
    return case((func.jsonb_typeof(value) == literal_column(f"'{kind}'"), then))


def _number(value: Sql) -> Sql:
    return _if("number", value, cast(_text(value), Numeric()))


def amount(value: Sql) -> Sql:
    """The amount of money in JSON; NULL where it is none."""
    digits = text_of(value, "amount")
    return case((func.pg_input_is_valid(digits, literal_column("'numeric'")), cast(digits, Numeric())))


def _date(value: Sql) -> Sql:
    text = _text(value)
    return case((func.pg_input_is_valid(text, literal_column("'date'")), cast(text, Date())))


def _boolean(value: Sql) -> Sql:
    return _if("boolean", value, cast(_text(value), Boolean()))


def _uuid(value: Sql) -> Sql:
    text = _text(value)
    return case((func.pg_input_is_valid(text, literal_column("'uuid'")), cast(text, Uuid())))


def _listed(value: Sql) -> Sql:
    listed = _if("array", value, value)
    items = func.jsonb_array_elements_text(listed).table_valued("item").render_derived("chosen")
    return func.array(select(items.c.item).scalar_subquery(), type_=ARRAY(Text()))


_COLUMNS: Mapping[FieldType, Callable[[Sql], Sql]] = {
    FieldType.TEXT: _text,
    FieldType.CHOICE: _text,
    FieldType.REFERENCE: _uuid,
    FieldType.NUMBER: _number,
    FieldType.DATE: _date,
    FieldType.BOOLEAN: _boolean,
    FieldType.MULTI_CHOICE: _listed,
}
