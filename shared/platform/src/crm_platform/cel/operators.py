"""Which operators take which types."""

from crm_platform.cel.errors import CelTypeError, Position
from crm_platform.cel.fields import Field
from crm_platform.cel.literals import convert
from crm_platform.cel.nodes import Constant, Node, Reference, Type
from crm_platform.cel.suggest import hint, suggestion

NUMBERS = frozenset({"int", "decimal"})
LISTS = frozenset({"string_list", "uuid_list"})
_ORDERED = frozenset({"int", "decimal", "string", "date", "timestamp", "duration"})
_TEXTS = frozenset({"string", "enum"})
_MOMENTS = {
    ("timestamp", "+", "duration"): "timestamp",
    ("duration", "+", "timestamp"): "timestamp",
    ("timestamp", "-", "duration"): "timestamp",
    ("timestamp", "-", "timestamp"): "duration",
}
_CONSTRUCTED = frozenset({"date", "timestamp", "duration"})


def arithmetic_type(operator: str, left: Type, right: Type) -> Type | None:
    """The type of ``left operator right``; None where there is no such operation."""
    if left in NUMBERS and right in NUMBERS:
        both = "int" if left == right == "int" else "decimal"
        return None if operator == "%" and both == "decimal" else both
    return _MOMENTS.get((left, operator, right))


def common_type(left: Type, right: Type) -> Type | None:
    """The type of a value that is one or the other; None where they do not mix."""
    if right in {left, "null"}:
        return left
    if left == "null":
        return right
    pair = {left, right}
    if pair == NUMBERS:
        return "decimal"
    return "string" if pair == _TEXTS else None


def comparable(operator: str, left: Type, right: Type) -> bool:
    """Whether ``operator`` can compare the two types."""
    if operator in {"==", "!="}:
        return common_type(left, right) is not None and not {left, right} & LISTS
    return common_type(left, right) is not None and {left, right} <= _ORDERED


def asks(field: Field, operator: str, *, in_list: bool, listed: bool) -> bool:
    """Whether ``operator`` asks a sealed field in one of the ways that there are.

    ``in_list`` says that the field stands on the right of the operator, ``listed`` that a list of constants does.
    """
    if operator in {"==", "!="}:
        return field.kind == "sealed" and not listed
    if operator != "in":
        return False
    return field.kind == "sealed_list" if in_list else field.kind == "sealed" and listed


def sealed_field(field: Field, position: Position) -> CelTypeError:
    """What is said of an expression that asks more of a sealed field than can be answered."""
    usage = f'`{field.name} == "…"`' if field.kind == "sealed" else f'`"…" in {field.name}`'
    return CelTypeError("sealed_field", position, name=field.name, usage=usage)


def fitted(constant: Constant, other: Node | None, target: Type, position: Position) -> Constant:
    """``constant`` as it is compared with ``other``, which is of type ``target``.

    Strings become identifiers, and must be among the values of an enumeration; integers become decimals.

    Raises:
        CelTypeError: The string is not an identifier, or not among the values.
    """
    if constant.type == "string" and target == "uuid":
        return convert(constant, "uuid", position)
    if constant.type == "int" and target == "decimal":
        return Constant(constant.value, "decimal")
    if constant.type == "string" and target == "enum" and isinstance(other, Reference):
        _check_value(str(constant.value), other, position)
    return constant


def _check_value(value: str, reference: Reference, position: Position) -> None:
    known = reference.field.values
    if value not in known:
        field = reference.field.name
        raise CelTypeError("unknown_value", position, field=field, known=", ".join(known), **suggestion(value, known))


def type_hint(left: Type, right: Type) -> dict[str, str]:
    """Advice for two types that do not mix, as the parameters of a message: how to write the constant."""
    pair = {left, right}
    meant = pair & _CONSTRUCTED
    if "string" in pair and meant:
        return hint(f'; write {min(meant)}("…")', f'，请写成 {min(meant)}("…")')
    if pair == {"date", "timestamp"}:
        return hint('; write the constant as the field is: date("…") or timestamp("…")', "，常量须与字段类型相同")
    return hint()
