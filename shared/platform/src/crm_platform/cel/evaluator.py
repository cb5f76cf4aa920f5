"""Checked expression to a function of a row, with the same answers as the SQL."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal
from functools import singledispatch
from operator import ge, gt, le, lt
from typing import Any, TypeAlias

from crm_platform.cel.nodes import (
    Arithmetic,
    Conditional,
    Constant,
    Equality,
    Junction,
    Membership,
    Negation,
    Node,
    Now,
    OneOf,
    Ordering,
    Quantifier,
    Reference,
    Size,
    TextTest,
    Value,
    Variable,
)
from crm_platform.cel.sql import QUOTIENT_PLACES
from crm_platform.cel.values import reader

Evaluator: TypeAlias = Callable[[Mapping[str, Any], tuple[Any, ...]], Any]
"""Takes the row and the items of the quantifiers around; gives None for null."""

_EXACT = Context(prec=10_000)
"""Enough digits for any result that the limit of arithmetic operators allows."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
_TEXT_TESTS: dict[str, Callable[[str, str], bool]] = {
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "contains": str.__contains__,
}


@singledispatch
def evaluator(node: Node) -> Evaluator:
    """The function that computes ``node``."""
    raise TypeError(node)


NOW = "now()"
"""Under this key, which no field can have, the row holds the present moment, as :func:`microseconds` gives it."""


def microseconds(moment: datetime) -> int:
    """The moment as microseconds since 1970."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment_at(number: int) -> datetime | None:
    """The moment so many microseconds after 1970; None where the calendar does not reach."""
    try:
        return _EPOCH + timedelta(microseconds=number)
    except OverflowError:
        return None


def internal(value: Value) -> Any:
    """The constant as it is computed with: moments as microseconds since 1970, which have no bounds."""
    return microseconds(value) if isinstance(value, datetime) else value


@evaluator.register
def _(node: Constant) -> Evaluator:
    constant = internal(node.value)
    return lambda _row, _items: constant


@evaluator.register
def _(_node: Now) -> Evaluator:
    return lambda row, _items: row[NOW]


@evaluator.register
def _(node: Reference) -> Evaluator:
    read = reader(node.field)
    if node.type == "timestamp":
        return lambda row, _items: internal(read(row))
    return lambda row, _items: read(row)


@evaluator.register
def _(node: Variable) -> Evaluator:
    level = node.level
    return lambda _row, items: items[level]


@evaluator.register
def _(node: Size) -> Evaluator:
    subject = evaluator(node.subject)

    def size(row: Mapping[str, Any], items: tuple[Any, ...]) -> int | None:
        value = subject(row, items)
        return None if value is None else len(value)

    return size


def _null_safe(left: Evaluator, right: Evaluator, operation: Callable[[Any, Any], Any]) -> Evaluator:
    """``operation`` on both values, null where one of them is."""

    def compute(row: Mapping[str, Any], items: tuple[Any, ...]) -> Any:
        first = left(row, items)
        if first is None:
            return None
        second = right(row, items)
        return None if second is None else operation(first, second)

    return compute


def _true(condition: Evaluator) -> Evaluator:
    """``condition``, false where it is null."""
    return lambda row, items: bool(condition(row, items))


@evaluator.register
def _(node: Arithmetic) -> Evaluator:
    compute = _DECIMAL[node.operator] if node.type == "decimal" else _INTEGER[node.operator]
    return _null_safe(evaluator(node.left), evaluator(node.right), compute)


def _quotient(dividend: int, divisor: int) -> int | None:
    if divisor == 0:
        return None
    quotient = abs(dividend) // abs(divisor)
    return quotient if (dividend < 0) == (divisor < 0) else -quotient


def _remainder(dividend: int, divisor: int) -> int | None:
    quotient = _quotient(dividend, divisor)
    return None if quotient is None else dividend - divisor * quotient


def _decimal_quotient(dividend: Decimal | int, divisor: Decimal | int) -> Decimal | None:
    if divisor == 0:
        return None
    scaled = _EXACT.multiply(dividend, 10**QUOTIENT_PLACES)
    return _EXACT.scaleb(_EXACT.divide_int(scaled, divisor), -QUOTIENT_PLACES)


_INTEGER: dict[str, Callable[[Any, Any], Any]] = {
    "+": int.__add__,
    "-": int.__sub__,
    "*": int.__mul__,
    "/": _quotient,
    "%": _remainder,
}
_DECIMAL: dict[str, Callable[[Any, Any], Any]] = {
    "+": _EXACT.add,
    "-": _EXACT.subtract,
    "*": _EXACT.multiply,
    "/": _decimal_quotient,
}


@evaluator.register
def _(node: Conditional) -> Evaluator:
    test, yes, no = evaluator(node.test), evaluator(node.yes), evaluator(node.no)
    return lambda row, items: yes(row, items) if test(row, items) else no(row, items)


@evaluator.register
def _(node: Equality) -> Evaluator:
    left, right = evaluator(node.left), evaluator(node.right)
    if node.negated:
        return lambda row, items: left(row, items) != right(row, items)
    return lambda row, items: left(row, items) == right(row, items)


@evaluator.register
def _(node: Ordering) -> Evaluator:
    return _true(_null_safe(evaluator(node.left), evaluator(node.right), _ORDERINGS[node.operator]))


@evaluator.register
def _(node: OneOf) -> Evaluator:
    subject = evaluator(node.subject)
    values = frozenset(map(internal, node.values))
    return lambda row, items: subject(row, items) in values


@evaluator.register
def _(node: Membership) -> Evaluator:
    subject, source = evaluator(node.subject), evaluator(node.source)
    return _true(_null_safe(subject, source, lambda item, items: item in items))


@evaluator.register
def _(node: TextTest) -> Evaluator:
    test = _TEXT_TESTS[node.function]
    return _true(_null_safe(evaluator(node.subject), evaluator(node.argument), test))


@evaluator.register
def _(node: Negation) -> Evaluator:
    operand = evaluator(node.operand)
    return lambda row, items: not operand(row, items)


@evaluator.register
def _(node: Junction) -> Evaluator:
    operands = tuple(evaluator(operand) for operand in node.operands)
    if node.operator == "&&":
        return lambda row, items: all(operand(row, items) for operand in operands)
    return lambda row, items: any(operand(row, items) for operand in operands)


@evaluator.register
def _(node: Quantifier) -> Evaluator:
    source, body = evaluator(node.source), evaluator(node.body)
    combine = any if node.function == "exists" else all
    return lambda row, items: combine(body(row, (*items, item)) for item in source(row, items))
