"""The public functions: compile to SQL, compile to a program, evaluate, check."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement

from crm_platform.cel.calls import Checker
from crm_platform.cel.evaluator import NOW as NOW_IN_ROW
from crm_platform.cel.evaluator import Evaluator, evaluator, microseconds, moment_at
from crm_platform.cel.fields import DEFAULT_LIMITS, CelLimits, FieldMap
from crm_platform.cel.moments import Crossing, crossings
from crm_platform.cel.nodes import Node
from crm_platform.cel.parser import parse
from crm_platform.cel.shapes import shape_of
from crm_platform.cel.sql import NOW, to_sql
from crm_platform.clock import utc_now

_CACHED = 512
"""Expressions kept of each form; the least recently used one leaves first."""


class _Same:
    """A map of fields as part of a cache key: equal only to itself, and alive as long as the key."""

    __slots__ = ("fields",)

    def __init__(self, fields: FieldMap) -> None:
        self.fields = fields

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.fields is other.fields

    def __hash__(self) -> int:
        return id(self.fields)


@dataclass(frozen=True, slots=True)
class Program:
    """An expression ready to be evaluated many times.

    Attributes:
        text: The expression.
        fields: Names of the fields that it reads.
        timed: Whether it reads ``now()``, so that its answer may change by time alone.
    """

    text: str
    fields: frozenset[str]
    timed: bool
    _run: Evaluator
    _crossings: tuple[Crossing, ...]

    def evaluate(self, values: Mapping[str, Any], *, now: datetime | None = None) -> bool:
        """Whether the expression is true of ``values``.

        Args:
            values: Values by dotted name, or nested mappings; as Python objects or as in JSON. What is
                missing is null, and a list that is missing is empty.
            now: What ``now()`` is; the present moment unless given.

        Raises:
            CelValueError: A value that is looked at is not of its field's kind.
        """
        return bool(self._run(_at(values, now) if self.timed else values, ()))

    def changes_after(self, values: Mapping[str, Any], now: datetime) -> datetime | None:
        """When the answer has to be asked for anew though no value has changed; None where it never has to be.

        Until then the answer is that of ``now``. Then it may be another, and so may the next such moment.
        """
        if not self._crossings:
            return None
        row = _at(values, now)
        found = [moment for moment in (crossing(row) for crossing in self._crossings) if moment is not None]
        return moment_at(min(found)) if found else None


@dataclass(frozen=True, slots=True)
class Formula:
    """An expression that gives a value of any type, ready to be computed many times.

    Attributes:
        text: The expression.
        fields: Names of the fields that it reads.
        type: Of its values: a kind of field, ``null`` or ``duration``.
        timed: Whether it reads ``now()``.
    """

    text: str
    fields: frozenset[str]
    type: str
    timed: bool
    _run: Evaluator

    def compute(self, values: Mapping[str, Any], *, now: datetime | None = None) -> Any:
        """The value of the expression for ``values`` (see :meth:`Program.evaluate`); None for null.

        Moments are microseconds since 1970.

        Raises:
            CelValueError: A value that is looked at is not of its field's kind.
        """
        return self._run(_at(values, now) if self.timed else values, ())


def _at(values: Mapping[str, Any], now: datetime | None) -> dict[str, Any]:
    return {**values, NOW_IN_ROW: microseconds(now or utc_now())}


@dataclass(frozen=True, slots=True)
class Filter:
    """An expression as a condition of SQL, apart from its constants.

    Attributes:
        shape: What decides the text of the condition; equal for expressions that differ in their constants only.
        constants: What it compares with, by parameter.
        timed: Whether it reads ``now()``.
    """

    shape: Node
    constants: Mapping[str, Any]
    timed: bool

    @property
    def values(self) -> Mapping[str, Any]:
        """The parameters of the condition at this moment."""
        return self.values_at(utc_now()) if self.timed else self.constants

    def values_at(self, now: datetime) -> Mapping[str, Any]:
        """The parameters of the condition where ``now()`` is ``now``."""
        return {**self.constants, NOW: now} if self.timed else self.constants

    def condition(self) -> ColumnElement[bool]:
        """An expression for WHERE, FILTER or CASE. Where it is NULL it counts as false; do not negate it.

        Raises:
            ValueError: A field that it reads has no column.
        """
        return to_sql(self.shape)


def check(text: str, fields: FieldMap, limits: CelLimits = DEFAULT_LIMITS) -> frozenset[str]:
    """Check ``text`` without a table or an object.

    Returns:
        The names of the fields that it reads.

    Raises:
        CelError: It is not a valid condition on ``fields``.
    """
    return _checked(text, _Same(fields), limits)[1]


def compile_filter(text: str, fields: FieldMap, limits: CelLimits = DEFAULT_LIMITS) -> Filter:
    """Compile ``text`` to a condition on the columns of ``fields``.

    Raises:
        CelError: It is not a valid condition on ``fields``.
    """
    return _filter(text, _Same(fields), limits)


def compile_program(text: str, fields: FieldMap, limits: CelLimits = DEFAULT_LIMITS) -> Program:
    """Compile ``text`` for evaluation.

    Raises:
        CelError: It is not a valid condition on ``fields``.
    """
    return _program(text, _Same(fields), limits)


def compile_formula(text: str, fields: FieldMap, limits: CelLimits = DEFAULT_LIMITS) -> Formula:
    """Compile ``text``, which need not be a condition, for evaluation.

    Raises:
        CelError: It is not a valid expression on ``fields``.
    """
    checker = Checker(text, fields, limits)
    node = checker.check(parse(text, limits))
    return Formula(text, frozenset(checker.read), node.type, checker.timed, evaluator(node))


def evaluate(text: str, values: Mapping[str, Any], fields: FieldMap) -> bool:
    """Whether ``text`` is true of ``values``; see :class:`Program`.

    Raises:
        CelError: It is not a valid condition on ``fields``, or a value is not of its field's kind.
    """
    return compile_program(text, fields).evaluate(values)


@lru_cache(_CACHED)
def _checked(text: str, key: _Same, limits: CelLimits) -> tuple[Node, frozenset[str], bool]:
    checker = Checker(text, key.fields, limits)
    return checker.predicate(parse(text, limits)), frozenset(checker.read), checker.timed


@lru_cache(_CACHED)
def _filter(text: str, key: _Same, limits: CelLimits) -> Filter:
    node, _, timed = _checked(text, key, limits)
    return Filter(*shape_of(node), timed)


@lru_cache(_CACHED)
def _program(text: str, key: _Same, limits: CelLimits) -> Program:
    node, names, timed = _checked(text, key, limits)
    return Program(text, names, timed, evaluator(node), tuple(crossings(node)) if timed else ())
