"""Checked expression to SQL.

An ordering, equality or text test of a null is NULL in SQL; conjunctions and disjunctions carry it up, and a
WHERE takes it for false. Wherever that would show - under a negation, as the operand of a comparison -
``IS TRUE`` or ``IS NOT TRUE`` turns it into a proper boolean, so that negations are the exact contrary.

What an index can serve is written with operators that are leakproof in PostgreSQL (``=``, ``= ANY``, ``<``,
``>=``): under row-level security any other is applied after the policy, to every row of the tenant.
"""

from collections.abc import Callable
from decimal import Decimal
from functools import singledispatch
from typing import Any, get_args

from sqlalchemy import (
    ARRAY,
    TIMESTAMP,
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    Double,
    Integer,
    Interval,
    Numeric,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    cast,
    collate,
    column,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.types import TypeEngine

from crm_platform.cel.fields import Keyed
from crm_platform.cel.nodes import (
    Arithmetic,
    Conditional,
    Constant,
    Equality,
    Found,
    Junction,
    Membership,
    Negation,
    Node,
    Now,
    OneOf,
    Ordering,
    Predicate,
    Quantifier,
    Reference,
    Size,
    Slot,
    TextTest,
    Type,
    Value,
    Variable,
)

Sql = ColumnElement[Any]

QUOTIENT_PLACES = 12
"""Decimal places of a quotient of decimals; the rest is cut off."""

NOW = "cel_now"
"""The parameter that is the present moment."""

_TYPES: dict[Type, TypeEngine[Any]] = {
    "string": Text(),
    "enum": Text(),
    "int": BigInteger(),
    "decimal": Numeric(),
    "bool": Boolean(),
    "date": Date(),
    "timestamp": TIMESTAMP(timezone=True),
    "uuid": Uuid(),
}
_CODE_POINT_ORDER = frozenset({"C", "POSIX", "C.UTF-8", "ucs_basic", "pg_c_utf8"})
"""Collations that sort by code point, as CEL does."""

_TEXTS = frozenset({"string", "enum"})
_NULL = Constant(None, "null")
_ORDERINGS: dict[str, Callable[[Sql, Sql], Sql]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def to_sql(node: Node) -> ColumnElement[bool]:
    """The condition of this shape (see :mod:`crm_platform.cel.shapes`); where it is NULL, it is false."""
    return _sql(node)


@singledispatch
def _sql(node: Node) -> Sql:
    raise TypeError(node)


def _value(node: Node) -> Sql:
    """Like :func:`_sql`, but a condition is true or false, not NULL, so that it can be compared."""
    expression = _sql(node)
    return expression.is_(true()) if isinstance(node, get_args(Predicate)) else expression


def _bind(value: Value, type_: Type) -> Sql:
    slot = _slot(value)
    if type_ == "duration":
        # Days in an interval would follow the session's time zone; seconds do not.
        seconds: Sql = bindparam(slot, type_=Double())
        return func.make_interval(*[literal_column("0")] * 6, seconds, type_=Interval())
    return bindparam(slot, type_=_TYPES[type_])


def _slot(value: Value) -> str:
    if not isinstance(value, Slot):
        raise TypeError(value)
    return value.name


@_sql.register
def _(node: Constant) -> Sql:
    if node.value is None:
        return null()
    return _bind(node.value, node.type)


@_sql.register
def _(_node: Now) -> Sql:
    return bindparam(NOW, type_=_TYPES["timestamp"])


@_sql.register
def _(node: Reference) -> Sql:
    if node.field.column is None:
        message = f"field {node.field.name} has no column"
        raise ValueError(message)
    return node.field.column


@_sql.register
def _(node: Variable) -> Sql:
    return literal_column(f"{_item(node.level)}.item", _TYPES[node.type])


def _item(level: int) -> str:
    return f"cel_item{level}"


@_sql.register
def _(node: Size) -> Sql:
    if node.subject.type == "string":
        return func.char_length(_sql(node.subject), type_=Integer())
    return func.coalesce(func.cardinality(_sql(node.subject)), literal_column("0"), type_=Integer())


@_sql.register
def _(node: Arithmetic) -> Sql:
    if node.type in {"timestamp", "duration"}:
        left, right = _sql(node.left), _sql(node.right)
    else:
        left, right = _number(node.left), _number(node.right)
    match node.operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "%":
            return func.mod(left, _not_zero(right), type_=Numeric())
        case _:
            return _quotient(left, right, node.type)


def _quotient(left: Sql, right: Sql, type_: Type) -> Sql:
    # div() gives the exact integer quotient; "/" would round to a number of places that depends on the operands.
    if type_ == "int":
        return func.div(left, _not_zero(right), type_=Numeric())
    scale = Decimal(10) ** QUOTIENT_PLACES
    scaled = left * literal(scale, Numeric())
    return func.div(scaled, _not_zero(right), type_=Numeric()) * literal(1 / scale, Numeric())


def _number(node: Node) -> Sql:
    """A number of unlimited range: arithmetic of integers cannot overflow."""
    if isinstance(node, Constant):
        return _bind(node.value, "decimal")
    expression = _sql(node)
    return expression if isinstance(node, Arithmetic) else cast(expression, Numeric())


def _not_zero(number: Sql) -> Sql:
    return func.nullif(number, literal_column("0"), type_=Numeric())


@_sql.register
def _(node: Conditional) -> Sql:
    return case((_sql(node.test), _branch(node.yes, node.type)), else_=_branch(node.no, node.type))


def _branch(node: Node, type_: Type) -> Sql:
    if node.type == "null" and type_ in _TYPES:
        return cast(null(), _TYPES[type_])
    value = _value(node)
    # Two columns may have different collations, and the result of CASE would have none.
    return collate(value, "C") if type_ in _TEXTS and not isinstance(node, Constant) else value


@_sql.register
def _(node: Equality) -> Sql:
    for operand, other in ((node.left, node.right), (node.right, node.left)):
        if operand == _NULL:
            subject = _value(other)
            return subject.is_not(null()) if node.negated else subject.is_(null())
    keyed = None if node.negated else _keyed(node.left, node.right) or _keyed(node.right, node.left)
    if keyed is not None:
        return keyed[0].column == keyed[1]
    left, right = _compared(node.left, node.right)
    if node.negated:
        return left.is_distinct_from(right)
    constant = isinstance(node.left, Constant) or isinstance(node.right, Constant)
    return left == right if constant else left.is_not_distinct_from(right)


@_sql.register
def _(node: Ordering) -> Sql:
    for subject, constant, operator in (
        (node.left, node.right, node.operator),
        (node.right, node.left, _MIRRORED[node.operator]),
    ):
        keyed = _keyed(subject, constant)
        if keyed is not None:
            place, value = keyed
            return and_(place.column > place.lowest, _ORDERINGS[operator](place.column, value))
    left, right = _compared(node.left, node.right)
    if node.left.type == "string":
        if isinstance(node.left, Constant):
            right = _by_code_point(right)
        else:
            left = _by_code_point(left)
    return _ORDERINGS[node.operator](left, right)


def _keyed(subject: Node, constant: Node) -> tuple[Keyed, Sql] | None:
    """Where an index serves the comparison of a field with a constant, and the constant as it stands there."""
    if not isinstance(subject, Reference) or not isinstance(constant, Constant) or constant.value is None:
        return None
    if subject.field.keyed is None:
        return None
    value = _sql(constant)
    return subject.field.keyed, cast(value, Text()) if constant.type == "uuid" else value


def _compared(left_node: Node, right_node: Node) -> tuple[Sql, Sql]:
    """Both values; two texts are given one collation, as those of two columns may differ."""
    left, right = _value(left_node), _value(right_node)
    computed = not isinstance(left_node, Constant) and not isinstance(right_node, Constant)
    if computed and left_node.type in _TEXTS:
        left = collate(left, "C")
    return left, right


def _by_code_point(expression: Sql) -> Sql:
    if getattr(expression.type, "collation", None) in _CODE_POINT_ORDER:
        return expression
    return collate(expression, "C")


@_sql.register
def _(node: OneOf) -> Sql:
    if not node.values:
        # Not false(), for which SQLAlchemy drops what stands beside it, with its parameters.
        return literal_column("false", Boolean())
    listed: Sql = bindparam(_slot(node.values[0]), type_=ARRAY(_TYPES[node.element]))
    if isinstance(node.subject, Reference) and node.subject.field.keyed is not None:
        of_texts = cast(listed, ARRAY(Text())) if node.element == "uuid" else listed
        return node.subject.field.keyed.column == any_(of_texts)
    return _value(node.subject) == any_(listed)


@_sql.register
def _(node: Membership) -> Sql:
    constant = isinstance(node.subject, Constant) and node.subject.value is not None
    if constant and isinstance(node.source, Reference) and node.source.field.holding is not None:
        return node.source.field.holding(_sql(node.subject))
    subject, source = _compared(node.subject, node.source)
    return subject == any_(source)


@_sql.register
def _(node: Found) -> Sql:
    if node.field.finder is None:
        raise TypeError(node)
    return node.field.finder.condition(bindparam(_slot(node.texts[0]), type_=ARRAY(Uuid())))


@_sql.register
def _(node: TextTest) -> Sql:
    subject, argument = _compared(node.subject, node.argument)
    match node.function:
        case "startsWith":
            return func.starts_with(subject, argument, type_=Boolean())
        case "endsWith":
            return func.right(subject, func.char_length(argument)) == argument
        case "contains":
            return func.strpos(subject, argument) > literal_column("0")


@_sql.register
def _(node: Negation) -> Sql:
    return _sql(node.operand).is_not(true())


@_sql.register
def _(node: Junction) -> Sql:
    operands = [_sql(operand) for operand in node.operands]
    return and_(*operands) if node.operator == "&&" else or_(*operands)


@_sql.register
def _(node: Quantifier) -> Sql:
    item_type = _TYPES["uuid" if node.source.type == "uuid_list" else "string"]
    unnested = func.unnest(_sql(node.source)).table_valued(column("item", item_type))
    items = unnested.render_derived(name=_item(node.level))
    body = _sql(node.body)
    condition = body if node.function == "exists" else body.is_not(true())
    query: Select[Any] = select(literal_column("1")).select_from(items).where(condition)
    found = query.correlate_except(items).exists()
    return found if node.function == "exists" else ~found
