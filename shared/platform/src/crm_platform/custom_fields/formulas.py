"""Formulas: expressions whose values are kept with the record, computed whenever it is written."""

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any, Final

from crm_contracts.custom_field.v1 import FieldType
from crm_platform.cel import CelError, CelNameError, FieldMap, Formula, compile_formula
from crm_platform.custom_fields.domain import MAX_DECIMALS, MAX_DIGITS, MAX_TEXT, CustomField
from crm_platform.custom_fields.refused import refuse
from crm_platform.custom_fields.values import Json, plain

PREFIX: Final = "custom."
_RESULTS: Final[Mapping[str, FieldType]] = {
    "string": FieldType.TEXT,
    "enum": FieldType.TEXT,
    "int": FieldType.NUMBER,
    "decimal": FieldType.NUMBER,
    "bool": FieldType.BOOLEAN,
    "date": FieldType.DATE,
}
_PLACES: Final = Decimal(1).scaleb(-MAX_DECIMALS)
_WIDE: Final = Context(prec=10_000)


def compiled(field: CustomField, fields: FieldMap) -> Formula:
    """The expression of a formula, which reads ``fields``.

    Raises:
        Refused: It cannot be used.
    """
    try:
        formula = compile_formula(field.expression or "", fields)
    except CelError as error:
        if isinstance(error, CelNameError) and error.params.get("name") == f"{PREFIX}{field.key}":
            raise _cycle([field.key, field.key]) from error
        words = error.words()
        raise refuse(error.code, words.en, words.zh) from error
    if formula.timed:
        raise refuse(
            "formula_reads_time",
            "a formula is computed when the record is written, so it cannot read now()",
            "公式在写入记录时计算，不能使用 now()",
        )
    if formula.type not in _RESULTS:
        raise refuse(
            "formula_type",
            f"gives {formula.type}; a formula gives a text, a number, a date or a truth value",
            f"结果类型为 {formula.type}；公式只能得到文本、数字、日期或布尔值",
        )
    return formula


def result_of(formula: Formula) -> FieldType:
    """The type of a formula's values."""
    return _RESULTS[formula.type]


def in_order(reads: Mapping[str, frozenset[str]]) -> list[str]:
    """The formulas, each after those that it reads.

    Args:
        reads: By key of each formula, the keys of the custom fields that it reads.

    Raises:
        Refused: One reads itself, through others; the path is named.
    """
    done: list[str] = []
    for key in sorted(reads):
        _visit(key, reads, (), done)
    return done


def _visit(key: str, reads: Mapping[str, frozenset[str]], path: tuple[str, ...], done: list[str]) -> None:
    if key in path:
        raise _cycle([*path[path.index(key) :], key])
    if key in done or key not in reads:
        return
    for other in sorted(reads[key]):
        _visit(other, reads, (*path, key), done)
    done.append(key)


def _cycle(path: list[str]) -> Exception:
    way = " → ".join(f"{PREFIX}{key}" for key in path)
    return refuse("formula_cycle", f"the formula reads itself: {way}", f"公式循环引用：{way}")


def keys_read(formula: Formula) -> frozenset[str]:
    """The custom fields that a formula reads, by key."""
    names = (name.removeprefix(PREFIX) for name in formula.fields if name.startswith(PREFIX))
    return frozenset(name.partition(".")[0] for name in names)


def members_read(formula: Formula) -> frozenset[str]:
    """The other members of the record that a formula reads."""
    return frozenset(name.partition(".")[0] for name in formula.fields if not name.startswith(PREFIX))


def outcome(value: Any) -> Json:
    """What a formula gives, as it stands in JSON; None for null and for what does not fit a field."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, date):
        return value.isoformat()
    return _text(value) if isinstance(value, str) else _number(Decimal(value))


def _text(value: str) -> Json:
    return value if 0 < len(value) <= MAX_TEXT else None


def _number(value: Decimal) -> Json:
    if abs(value) >= Decimal(10) ** MAX_DIGITS:
        return None
    rounded = value.quantize(_PLACES, ROUND_HALF_EVEN, _WIDE).normalize(_WIDE)
    return plain(rounded) if len(rounded.as_tuple().digits) <= MAX_DIGITS else float(f"{rounded:.{MAX_DIGITS - 1}e}")
