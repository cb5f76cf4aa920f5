"""Constants taken out of a checked expression: what is left is its shape, and one statement serves all of a shape."""

from dataclasses import fields, replace
from typing import Any, get_args

from crm_platform.cel.fields import Field, Sought
from crm_platform.cel.literals import SURROGATES
from crm_platform.cel.nodes import Constant, Found, Junction, Node, OneOf, Ordering, Slot, TextTest, Type, Value

_NODES = get_args(Node)
_LAST_CHARACTER = "\U0010ffff"
_MICROSECONDS = 1_000_000


def shape_of(node: Node) -> tuple[Node, dict[str, Any]]:
    """The expression with a slot for each constant, and the constants by the names of their slots.

    Null stays where it is, as it is compared in another way; so does what is looked for in an empty list.
    """
    lifting = _Lifting()
    return lifting.node(node), lifting.values


class _Lifting:
    """One expression, from left to right."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def node(self, node: Node) -> Node:
        """The node with slots."""
        match node:
            case Constant(None) | OneOf(values=()):
                return node
            case Constant(value, type_):
                return Constant(self._slot(_bound(value, type_)), type_)
            case TextTest("startsWith", subject, Constant(prefix)):
                return self.node(_prefix_range(subject, str(prefix)))
            case Found(field, texts):
                return replace(node, texts=(self._slot(_sought(field, texts)),))
            case OneOf(subject, values):
                return replace(node, subject=self.node(subject), values=(self._slot(list(values)),))
            case _:
                return replace(node, **{field.name: self._member(getattr(node, field.name)) for field in fields(node)})

    def _member(self, value: Any) -> Any:
        if isinstance(value, _NODES):
            return self.node(value)
        return tuple(self._member(item) for item in value) if isinstance(value, tuple) else value

    def _slot(self, value: Any) -> Slot:
        slot = Slot(f"cel_{len(self.values)}")
        self.values[slot.name] = value
        return slot


def _sought(field: Field, texts: tuple[Value, ...]) -> Sought:
    return Sought("" if field.finder is None else field.finder.kind, tuple(map(str, texts)))


def _bound(value: Value, type_: Type) -> Value:
    """The constant as a parameter: seconds for a duration."""
    return value / _MICROSECONDS if isinstance(value, int) and type_ == "duration" else value


def _prefix_range(subject: Node, prefix: str) -> Node:
    """A range of the b-tree instead of LIKE, which is not leakproof, and needs no escapes."""
    at_least = Ordering(">=", subject, Constant(prefix, "string"))
    beyond = prefix.rstrip(_LAST_CHARACTER)
    if not beyond:
        return at_least
    following = ord(beyond[-1]) + 1
    if following in SURROGATES:
        following = SURROGATES.stop
    return Junction("&&", (at_least, Ordering("<", subject, Constant(beyond[:-1] + chr(following), "string"))))
