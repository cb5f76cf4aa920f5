"""Filter fields and sort keys, derived from an aggregate's state and its columns."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from types import UnionType
from typing import Any, Union, get_args, get_origin
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Table

from crm_contracts.base import Money
from crm_platform.aggregate import AggregateSpec
from crm_platform.cel import Field, FieldMap, field_map
from crm_platform.cel.fields import Finder, Kind
from crm_platform.reads.resource import Sort
from crm_platform.sealing.declare import FoundBy
from crm_platform.sealing.members import SealedPart

_KINDS: dict[Any, Kind] = {
    str: "string",
    int: "int",
    Decimal: "decimal",
    bool: "bool",
    date: "date",
    datetime: "timestamp",
    UUID: "uuid",
    tuple[str, ...]: "string_list",
    tuple[UUID, ...]: "uuid_list",
}

_LARGEST = 2**31 - 1
"""What the columns that lists are sorted by can hold."""


def _integer(value: Any) -> int:
    number = int(value)
    if abs(number) > _LARGEST:
        raise ValueError(value)
    return number


_PARSERS: dict[Any, Any] = {
    str: str,
    int: _integer,
    Decimal: Decimal,
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
    UUID: UUID,
}


def state_filters(spec: AggregateSpec[Any], table: Table) -> FieldMap:
    """A filter field for every plain member of the state; money gives ``.amount`` and ``.currency``."""
    fields: list[Field] = []
    for name, info in spec.state.model_fields.items():
        if name in spec.without_column:
            continue
        kind = _without_none(info.annotation)
        if kind is Money:
            fields.append(Field(f"{name}.amount", table.c[f"{name}_amount"], "decimal"))
            fields.append(Field(f"{name}.currency", table.c[f"{name}_currency"], "string"))
        elif isinstance(kind, type) and issubclass(kind, Enum):
            fields.append(Field(name, table.c[name], "enum", tuple(member.value for member in kind)))
        elif kind in _KINDS:
            fields.append(Field(name, table.c[name], _KINDS[kind]))
    return field_map(*fields)


def sealed_filters(part: SealedPart | None, table: Table) -> FieldMap:
    """The filter fields that ask for sealed values of an aggregate."""
    if part is None or part.keys is None:
        return field_map()
    keys = part.keys

    def asked(name: str, by: FoundBy) -> Field:
        finder = Finder(by.kind, by.normal, lambda wanted: keys.having_any(by.kind, table.c.id, wanted))
        return Field(name, None, "sealed_list" if by.many else "sealed", finder=finder)

    return field_map(*(asked(name, by) for name, by in part.filters.items()))


def state_sorts(table: FromClause, extra: Mapping[str, ColumnElement[Any]]) -> dict[str, Sort]:
    """Sort keys of every aggregate (``created_at``, ``updated_at``, ``id``) and the ``extra`` ones."""
    columns = {**extra, "created_at": table.c.created_at, "updated_at": table.c.updated_at, "id": table.c.id}
    return {name: Sort(column, _PARSERS[column.type.python_type]) for name, column in columns.items()}


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) in {Union, UnionType}:
        kinds = [kind for kind in get_args(annotation) if kind is not type(None)]
        return kinds[0] if len(kinds) == 1 else annotation
    return annotation
