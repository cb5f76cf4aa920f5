"""Checking of functions, methods and quantifiers."""

from typing import Literal

from lark import Token

from crm_platform.cel.checker import OperatorChecker
from crm_platform.cel.errors import CelLimitError, CelNameError, CelSyntaxError, CelTypeError
from crm_platform.cel.fields import CelLimits, FieldMap
from crm_platform.cel.literals import convert
from crm_platform.cel.nodes import (
    ELEMENT,
    Constant,
    Equality,
    Node,
    Now,
    Ordering,
    Quantifier,
    Reference,
    Size,
    TextTest,
)
from crm_platform.cel.operators import LISTS
from crm_platform.cel.suggest import suggestion
from crm_platform.cel.syntax import Syntax, child_of, children_of, token_of

_CONSTRUCTORS = ("timestamp", "date", "duration")
_FUNCTIONS = ("has", "now", "size", *_CONSTRUCTORS)
_TEXT_TESTS: dict[str, Literal["startsWith", "endsWith", "contains"]] = {
    "startsWith": "startsWith",
    "endsWith": "endsWith",
    "contains": "contains",
}
_QUANTIFIERS: dict[str, Literal["exists", "all"]] = {"exists": "exists", "all": "all"}
_METHODS = (*_TEXT_TESTS, *_QUANTIFIERS, "size")


class Checker(OperatorChecker):
    """Checks one syntax tree, all of it."""

    def __init__(self, text: str, fields: FieldMap, limits: CelLimits) -> None:
        super().__init__(text, fields, limits)
        self._rules |= {"call": self._call, "method": self._method}

    def _call(self, tree: Syntax) -> Node:
        token = token_of(tree, 0)
        expected = 0 if token.value == "now" else 1
        arguments = self._arguments(tree, token, known=_FUNCTIONS, expected=expected)
        if token.value == "now":
            return self._now(token)
        argument = arguments[0]
        node = self.check(argument)
        if token.value == "size":
            return self._size(argument, node)
        if token.value == "has":
            return self._has(argument, node)
        if not isinstance(node, Constant):
            raise CelTypeError("constant_needed", self._position(argument))
        if node.type != "string":
            raise self._operand_error(argument, token.value, "a string", node.type)
        return convert(node, token.value, self._position(argument))

    def _now(self, token: Token) -> Node:
        if self._variables:
            raise CelSyntaxError("unsupported", self._position(token), what="now() inside exists or all")
        self.timed = True
        return Now()

    def _method(self, tree: Syntax) -> Node:
        token = token_of(tree, 1)
        name = token.value
        expected = 0 if name == "size" else 2 if name in _QUANTIFIERS else 1
        arguments = self._arguments(tree, token, known=_METHODS, expected=expected)
        subject_tree = child_of(tree, 0)
        subject = self.check(subject_tree)
        if name == "size":
            return self._size(subject_tree, subject)
        if name in _QUANTIFIERS:
            return self._quantifier(_QUANTIFIERS[name], subject_tree, subject, arguments)
        argument = self.check(arguments[0])
        for part, part_tree in ((subject, subject_tree), (argument, arguments[0])):
            if part.type != "string":
                raise self._operand_error(part_tree, name, "a string", part.type)
        return TextTest(_TEXT_TESTS[name], subject, argument)

    def _arguments(self, tree: Syntax, token: Token, *, known: tuple[str, ...], expected: int) -> list[Syntax]:
        name = token.value
        if name not in known:
            raise CelNameError("unknown_function", self._position(token), **suggestion(name, known))
        last = children_of(tree)[-1:]
        arguments = children_of(last[0]) if last and last[0].data == "arguments" else []
        if len(arguments) != expected:
            raise CelTypeError(
                "argument_count", self._position(token), name=name, expected=expected, actual=len(arguments)
            )
        return arguments

    def _size(self, tree: Syntax, subject: Node) -> Node:
        if subject.type != "string" and subject.type not in LISTS:
            raise self._operand_error(tree, "size", "a string or a list", subject.type)
        return Size(subject)

    def _has(self, tree: Syntax, subject: Node) -> Node:
        if not isinstance(subject, Reference):
            raise self._operand_error(tree, "has", "a field", subject.type)
        if subject.type in LISTS:
            return Ordering(">", Size(subject), Constant(0, "int"))
        return Equality(subject, Constant(None, "null"), negated=True)

    def _quantifier(
        self, function: Literal["exists", "all"], subject_tree: Syntax, subject: Node, arguments: list[Syntax]
    ) -> Node:
        variable, body = arguments
        if subject.type not in LISTS:
            raise self._operand_error(subject_tree, function, "a list", subject.type)
        if variable.data != "name":
            raise self._operand_error(variable, function, "a variable name", "an expression")
        if len(self._variables) >= self._limits.max_quantifiers:
            limit = self._limits.max_quantifiers
            raise CelLimitError("too_many_quantifiers", self._position(subject_tree), limit=limit)
        self._variables.append((token_of(variable, 0).value, ELEMENT[subject.type]))
        checked = self.predicate(body, function)
        self._variables.pop()
        return Quantifier(function, subject, len(self._variables), checked)
