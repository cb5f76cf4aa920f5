"""Why an expression is true or false of some values: the answer of each of its parts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm_platform.cel.compiler import compile_program
from crm_platform.cel.fields import DEFAULT_LIMITS, FieldMap
from crm_platform.cel.parser import parse
from crm_platform.cel.syntax import Syntax, children_of
from crm_platform.cel.values import reader

_OPERATORS = {"conjunction": "&&", "disjunction": "||", "negation": "!"}


@dataclass(frozen=True, slots=True)
class Part:
    """An expression within an expression, and what it came to.

    Attributes:
        text: As it was written.
        truth: What it came to.
        operator: How its parts are joined: ``&&``, ``||`` or ``!``; None where it has none.
        parts: The expressions that it joins, in their order.
        values: The fields that it compares, with their values; of a part that joins others none.
    """

    text: str
    truth: bool
    operator: str | None
    parts: tuple["Part", ...]
    values: Mapping[str, Any]


def explain(text: str, fields: FieldMap, values: Mapping[str, Any], *, now: datetime) -> Part:
    """Evaluate ``text`` and every condition in it.

    Raises:
        CelError: It is not a valid condition on ``fields``.
    """
    compile_program(text, fields)
    return _part(parse(text, DEFAULT_LIMITS), _Subject(text, fields, values, now))


@dataclass(frozen=True, slots=True)
class _Subject:
    text: str
    fields: FieldMap
    values: Mapping[str, Any]
    now: datetime

    def read(self, names: Iterator[str]) -> dict[str, Any]:
        return {name: reader(self.fields[name])(self.values) for name in names}


def _part(tree: Syntax, about: _Subject) -> Part:
    text = about.text[tree.meta.start_pos : tree.meta.end_pos]
    program = compile_program(text, about.fields)
    truth = program.evaluate(about.values, now=about.now)
    operator = _OPERATORS.get(tree.data)
    if operator is None:
        return Part(text, truth, None, (), about.read(iter(sorted(program.fields))))
    return Part(text, truth, operator, tuple(_part(child, about) for child in children_of(tree)), {})
