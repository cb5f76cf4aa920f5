"""What an expression may speak of: named fields with their kind and, where there is a table, their column."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, TypeAlias

from sqlalchemy import ColumnElement

Kind: TypeAlias = Literal[
    "string",
    "int",
    "decimal",
    "bool",
    "date",
    "timestamp",
    "uuid",
    "enum",
    "string_list",
    "uuid_list",
    "sealed",
    "sealed_list",
]
"""What a field holds.

``string``, ``enum``: text. ``int``: up to 64 bits. ``decimal``: a numeric column, never a float.
``timestamp``: with time zone. ``string_list``, ``uuid_list``: arrays.
``sealed``, ``sealed_list``: not in the clear; only whether a text is there can be asked.
"""

RESERVED = (
    "true|false|null|in|as|break|const|continue|else|for|function|if|import|let|loop|package|namespace|return|var"
    "|void|while"
)
"""Words that CEL keeps to itself, as the alternatives of a pattern."""

_NAME = re.compile(r"[_a-zA-Z][_a-zA-Z0-9]*(?:\.[_a-zA-Z][_a-zA-Z0-9]*)*")


class Sought(NamedTuple):
    """Texts that are looked for where nothing is in the clear; whoever runs the statement turns them into keys."""

    kind: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finder:
    """How rows are found by texts that they hold, but not in the clear.

    Attributes:
        kind: What kind of keys it is.
        normal: The one form of all texts that count as equal; None for what is no such text at all.
        condition: The condition of having one of some keys, which are given as an array of UUIDs.
    """

    kind: str
    normal: Callable[[str], str | None]
    condition: Callable[[ColumnElement[Any]], ColumnElement[bool]]


class Keyed(NamedTuple):
    """A second place of a field's values, with an index, which has something in the place of null.

    Comparisons with constants look there; everything else reads the field's own column.
    """

    column: ColumnElement[Any]
    lowest: ColumnElement[Any]
    """What stands there for null: below all values, and none of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """A field of the filter language.

    Attributes:
        name: Dotted name, for example ``annual_revenue.amount``.
        column: The column or SQL expression that holds it; None where it is only ever evaluated.
        kind: What it holds.
        values: The values of an ``enum``.
        finder: How a ``sealed`` one, or list of them, is asked.
        keyed: Where else its values are, for comparisons with constants.
        holding: Of a list, the condition of holding a text that is constant, where an index serves it.
    """

    name: str
    column: ColumnElement[Any] | None
    kind: Kind
    values: tuple[str, ...] = ()
    finder: Finder | None = None
    keyed: Keyed | None = None
    holding: Callable[[ColumnElement[str]], ColumnElement[bool]] | None = None

    def __post_init__(self) -> None:
        reserved = any(re.fullmatch(RESERVED, word) for word in self.name.split("."))
        if reserved or not _NAME.fullmatch(self.name):
            message = f"not a field name: {self.name!r}"
            raise ValueError(message)
        if (self.kind == "enum") != bool(self.values):
            message = f"field {self.name}: an enum, and nothing else, has values"
            raise ValueError(message)


FieldMap: TypeAlias = Mapping[str, Field]
"""Fields by name. Compiled filters are kept per map object: build it once, never change it."""


def field_map(*fields: Field) -> FieldMap:
    """The map of ``fields``.

    Raises:
        ValueError: Two have the same name.
    """
    named = {field.name: field for field in fields}
    if len(named) < len(fields):
        message = "two fields have the same name"
        raise ValueError(message)
    return MappingProxyType(named)


@dataclass(frozen=True, slots=True, kw_only=True)
class CelLimits:
    """How big an expression may be; what exceeds it is refused before any work is done on it.

    Attributes:
        max_length: Characters of the text.
        max_tokens: Names, literals, operators and punctuation marks together.
        max_depth: Levels of nesting, and of operators within operators.
        max_list: Items of one list literal.
        max_arithmetic: Arithmetic operators in all; bounds the digits of intermediate results.
        max_quantifiers: Quantifiers within one another; each multiplies the work by the length of its list.
    """

    max_length: int = 8192
    max_tokens: int = 1000
    max_depth: int = 32
    max_list: int = 200
    max_arithmetic: int = 16
    max_quantifiers: int = 2


DEFAULT_LIMITS = CelLimits()
