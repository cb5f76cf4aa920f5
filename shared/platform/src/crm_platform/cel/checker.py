"""Syntax tree to checked expression: names are resolved, types compared, constants converted."""

from collections.abc import Callable
from typing import Literal

from lark import Token

from crm_platform.cel.errors import (
    CelError,
    CelLimitError,
    CelNameError,
    CelSyntaxError,
    CelTypeError,
    Position,
)
from crm_platform.cel.fields import CelLimits, Field, FieldMap
from crm_platform.cel.literals import literal
from crm_platform.cel.nodes import (
    ELEMENT,
    Arithmetic,
    Conditional,
    Constant,
    Equality,
    Found,
    Junction,
    Membership,
    Negation,
    Node,
    OneOf,
    Ordering,
    Reference,
    Type,
    Variable,
)
from crm_platform.cel.operators import (
    LISTS,
    NUMBERS,
    arithmetic_type,
    asks,
    common_type,
    comparable,
    fitted,
    sealed_field,
    type_hint,
)
from crm_platform.cel.suggest import suggestion
from crm_platform.cel.syntax import Syntax, child_of, children_of, token_of


class OperatorChecker:
    """Checks literals, names and operators of one syntax tree of ``text``."""

    def __init__(self, text: str, fields: FieldMap, limits: CelLimits) -> None:
        self._text = text
        self._fields = fields
        self._limits = limits
        self._variables: list[tuple[str, Type]] = []
        self._depth = 0
        self.read: set[str] = set()
        self.timed = False
        self._operators = 0
        self._rules: dict[str, Callable[[Syntax], Node]] = {
            "literal": self._literal,
            "name": self._name,
            "select": self._name,
            "negation": self._negation,
            "minus": self._minus,
            "binary": self._binary,
            "conjunction": self._junction,
            "disjunction": self._junction,
            "conditional": self._conditional,
        }

    def check(self, tree: Syntax) -> Node:
        """The checked expression.

        Raises:
            CelError: A name is unknown, a type does not fit, or a limit is exceeded.
        """
        self._depth += 1
        if self._depth > self._limits.max_depth:
            raise CelLimitError("too_deep", self._position(tree), limit=self._limits.max_depth)
        rule = self._rules.get(tree.data)
        if rule is None:
            what = "a list here" if tree.data == "list_literal" else "indexing"
            raise CelSyntaxError("unsupported", self._position(tree), what=what)
        node = rule(tree)
        self._depth -= 1
        return node

    def predicate(self, tree: Syntax, operator: str | None = None) -> Node:
        """A checked expression that is true or false, as ``operator`` or the whole needs it."""
        node = self.check(tree)
        if node.type == "bool":
            return node
        if operator is None:
            raise CelTypeError("not_boolean", self._position(tree), actual=node.type)
        raise self._operand_error(tree, operator, "bool", node.type)

    def _position(self, place: Syntax | Token) -> Position:
        if isinstance(place, Token):
            start = place.start_pos or 0
            return Position.of(self._text, start, start + len(place.value))
        return Position.of(self._text, place.meta.start_pos, place.meta.end_pos)

    def _operand_error(self, tree: Syntax, operator: str, expected: str, actual: Type) -> CelError:
        return CelTypeError("operand_type", self._position(tree), operator=operator, expected=expected, actual=actual)

    def _literal(self, tree: Syntax) -> Constant:
        return literal(token_of(tree, 0), self._text)

    def _name(self, tree: Syntax) -> Node:
        words: list[str] = []
        inner = tree
        while inner.data == "select":
            words.append(token_of(inner, 1).value)
            inner = child_of(inner, 0)
        if inner.data != "name":
            raise CelSyntaxError("unsupported", self._position(tree), what="a field of a computed value")
        words.append(token_of(inner, 0).value)
        name = ".".join(reversed(words))
        for level in range(len(self._variables) - 1, -1, -1):
            variable, type_ = self._variables[level]
            if variable == name:
                return Variable(level, type_)
        if name not in self._fields:
            raise CelNameError("unknown_field", self._position(tree), **suggestion(name, self._fields))
        if self._fields[name].finder is not None:
            raise sealed_field(self._fields[name], self._position(tree))
        self.read.add(name)
        return Reference(self._fields[name])

    def _negation(self, tree: Syntax) -> Node:
        return Negation(self.predicate(child_of(tree, 0), "!"))

    def _minus(self, tree: Syntax) -> Node:
        operand = child_of(tree, 0)
        if operand.data == "literal" and token_of(operand, 0).type in {"INTEGER", "FLOAT"}:
            return literal(token_of(operand, 0), self._text, sign=-1)
        node = self.check(operand)
        if node.type not in NUMBERS:
            raise self._operand_error(operand, "-", "a number", node.type)
        self._count_operator(operand)
        return Arithmetic("-", Constant(0, "int"), node, node.type)

    def _junction(self, tree: Syntax) -> Node:
        operator: Literal["&&", "||"] = "&&" if tree.data == "conjunction" else "||"
        return Junction(operator, tuple(self.predicate(child, operator) for child in children_of(tree)))

    def _conditional(self, tree: Syntax) -> Node:
        test, yes, no = children_of(tree)
        condition = self.predicate(test, "? :")
        left, right = self.check(yes), self.check(no)
        type_ = common_type(left.type, right.type)
        if type_ is None or type_ in LISTS or type_ == "null":
            raise self._types_error("? :", left, right, self._position(tree))
        return Conditional(condition, left, right, type_)

    def _binary(self, tree: Syntax) -> Node:
        left_tree, token, right_tree = child_of(tree, 0), token_of(tree, 1), child_of(tree, 2)
        found = self._found(left_tree, token.value, right_tree)
        if found is not None:
            return found
        if token.value == "in":
            return self._in(left_tree, token, right_tree)
        left, right = self.check(left_tree), self.check(right_tree)
        if token.type != "RELATION":
            return self._arithmetic(left, token, right)
        if isinstance(right, Constant):
            right = fitted(right, left, left.type, self._position(right_tree))
        if isinstance(left, Constant):
            left = fitted(left, right, right.type, self._position(left_tree))
        if not comparable(token.value, left.type, right.type):
            raise self._types_error(token.value, left, right, self._position(token))
        if token.value in {"==", "!="}:
            return Equality(left, right, negated=token.value == "!=")
        return Ordering(token.value, left, right)

    def _found(self, left: Syntax, operator: str, right: Syntax) -> Node | None:
        """What asks a sealed field; None where neither side is one, or it is asked in another way."""
        for asked, other in ((left, right), (right, left)):
            field = self._sealed_field(asked)
            if field is None or not asks(field, operator, in_list=other is left, listed=other.data == "list_literal"):
                continue
            self.read.add(field.name)
            trees = [other]
            if other.data == "list_literal":
                trees = children_of(child_of(other, 0)) if other.children else []
            found = Found(field, tuple(self._sealed_text(field, tree) for tree in trees))
            return Negation(found) if operator == "!=" else found
        return None

    def _sealed_field(self, tree: Syntax) -> Field | None:
        name = token_of(tree, 0).value if tree.data == "name" else None
        if name is None or any(variable == name for variable, _ in self._variables):
            return None
        field = self._fields.get(name)
        return field if field is not None and field.finder is not None else None

    def _sealed_text(self, field: Field, tree: Syntax) -> str:
        constant = self.check(tree)
        if not isinstance(constant, Constant) or constant.type != "string" or field.finder is None:
            raise sealed_field(field, self._position(tree))
        text = field.finder.normal(str(constant.value))
        if text is None:
            raise CelTypeError("sealed_value", self._position(tree), name=field.name)
        return text

    def _arithmetic(self, left: Node, token: Token, right: Node) -> Node:
        type_ = arithmetic_type(token.value, left.type, right.type)
        if type_ is None:
            raise self._types_error(token.value, left, right, self._position(token))
        self._count_operator(token)
        return Arithmetic(token.value, left, right, type_)

    def _count_operator(self, place: Syntax | Token) -> None:
        self._operators += 1
        limit = self._limits.max_arithmetic
        if self._operators > limit:
            raise CelLimitError("too_much_arithmetic", self._position(place), limit=limit)

    def _types_error(self, operator: str, left: Node, right: Node, position: Position) -> CelError:
        hint = type_hint(left.type, right.type)
        return CelTypeError("operator_types", position, operator=operator, left=left.type, right=right.type, **hint)

    def _in(self, item_tree: Syntax, token: Token, list_tree: Syntax) -> Node:
        item = self.check(item_tree)
        if list_tree.data == "list_literal":
            return self._one_of(item_tree, item, list_tree)
        source = self.check(list_tree)
        if source.type not in LISTS:
            raise self._operand_error(list_tree, "in", "a list", source.type)
        if isinstance(item, Constant):
            item = fitted(item, None, ELEMENT[source.type], self._position(item_tree))
        if common_type(item.type, ELEMENT[source.type]) != ELEMENT[source.type] or item.type == "null":
            raise self._types_error("in", item, source, self._position(token))
        return Membership(item, source)

    def _one_of(self, item_tree: Syntax, item: Node, list_tree: Syntax) -> Node:
        trees = children_of(child_of(list_tree, 0)) if list_tree.children else []
        if len(trees) > self._limits.max_list:
            limit = self._limits.max_list
            raise CelLimitError("list_too_long", self._position(list_tree), size=len(trees), limit=limit)
        if item.type in LISTS or item.type in {"null", "duration"}:
            raise self._operand_error(item_tree, "in", "a single value on its left", item.type)
        element = item.type
        values = []
        for tree in trees:
            constant = self.check(tree)
            if not isinstance(constant, Constant):
                raise CelTypeError("constant_needed", self._position(tree))
            constant = fitted(constant, item, item.type, self._position(tree))
            if not comparable("==", item.type, constant.type) or "null" in {item.type, constant.type}:
                raise self._types_error("in", item, constant, self._position(tree))
            element = common_type(element, constant.type) or element
            values.append(constant.value)
        return OneOf(item, tuple(values), element)
