"""A checked expression: every name resolved, every operand of a fitting type, every literal a value.

Nothing in it can fail any more, whatever the row: both engines are total functions of it.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from crm_platform.cel.fields import Field

Type: TypeAlias = str
"""A kind of field, or ``null`` or ``duration``."""

ELEMENT: dict[Type, Type] = {"string_list": "string", "uuid_list": "uuid"}
"""Type of the items of each list type."""

Value: TypeAlias = object
"""A constant: str, int, Decimal, bool, date, aware datetime, UUID, None; microseconds for a duration.

In the shape of an expression, a :class:`Slot`."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Stands for the value of a constant in the shape of an expression: the name of a parameter."""

    name: str


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal."""

    value: Value
    type: Type


@dataclass(frozen=True, slots=True)
class Now:
    """The moment at which the expression is looked at."""

    type: Type = "timestamp"


@dataclass(frozen=True, slots=True)
class Reference:
    """A field of the row."""

    field: Field

    @property
    def type(self) -> Type:
        """The kind of the field."""
        return self.field.kind


@dataclass(frozen=True, slots=True)
class Variable:
    """The item that a quantifier looks at; ``level`` counts quantifiers from the outermost."""

    level: int
    type: Type


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """``left operator right``; of type int, decimal, timestamp or duration."""

    operator: str
    left: "Node"
    right: "Node"
    type: Type


@dataclass(frozen=True, slots=True)
class Size:
    """Characters of a text, or items of a list."""

    subject: "Node"
    type: Type = "int"


@dataclass(frozen=True, slots=True)
class Conditional:
    """``test ? yes : no``."""

    test: "Node"
    yes: "Node"
    no: "Node"
    type: Type


@dataclass(frozen=True, slots=True)
class Equality:
    """``left == right``, or its contrary."""

    left: "Node"
    right: "Node"
    negated: bool = False
    type: Type = "bool"


@dataclass(frozen=True, slots=True)
class Ordering:
    """``left < right`` and the like."""

    operator: str
    left: "Node"
    right: "Node"
    type: Type = "bool"


@dataclass(frozen=True, slots=True)
class OneOf:
    """``subject in [constants]``; ``element`` is the common type of the constants.

    In a shape all constants together are one slot.
    """

    subject: "Node"
    values: tuple[Value, ...]
    element: Type
    type: Type = "bool"


@dataclass(frozen=True, slots=True)
class Membership:
    """``subject in list_field``."""

    subject: "Node"
    source: "Node"
    type: Type = "bool"


@dataclass(frozen=True, slots=True)
class Found:
    """One of the texts is what a sealed field holds, or among what a list of them holds.

    In a shape all texts together are one slot.
    """

    field: Field
    texts: tuple[Value, ...]
    type: Type = "bool"


@dataclass(frozen=True, slots=True)
class TextTest:
    """``subject.startsWith(argument)`` and the like."""

    function: Literal["startsWith", "endsWith", "contains"]
    subject: "Node"
    argument: "Node"
    type: Type = "bool"


@dataclass(frozen=True, slots=True)
class Negation:
    """``!operand``."""

    operand: "Node"
    type: Type = "bool"


@dataclass(frozen=True, slots=True)
class Junction:
    """Two or more operands joined by ``&&`` or ``||``."""

    operator: Literal["&&", "||"]
    operands: tuple["Node", ...]
    type: Type = "bool"


@dataclass(frozen=True, slots=True)
class Quantifier:
    """``source.exists(variable, body)`` or ``source.all(variable, body)``."""

    function: Literal["exists", "all"]
    source: "Node"
    level: int
    body: "Node"
    type: Type = "bool"


Predicate: TypeAlias = Equality | Ordering | OneOf | Membership | Found | TextTest | Negation | Junction | Quantifier
"""Nodes that are true or false, never null."""

Node: TypeAlias = Constant | Now | Reference | Variable | Arithmetic | Size | Conditional | Predicate
