"""Which definitions of custom fields hold together."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from crm_contracts.custom_field.v1 import FieldType
from crm_platform.cel.fields import RESERVED
from crm_platform.custom_fields.domain import BOUNDED, CHOOSING, COMPARED, UNIQUELY, CustomField
from crm_platform.custom_fields.refused import Refused, refuse
from crm_platform.custom_fields.values import canonical, matcher, parse_date

LONGEST_INDEXED: Final = 500
"""Characters of an indexed or unique text: an entry of a b-tree has its limit."""

Found = Iterator[tuple[str, Refused]]

_FITS: Mapping[str, Collection[FieldType]] = {
    "minimum": BOUNDED,
    "maximum": BOUNDED,
    "max_length": {FieldType.TEXT},
    "pattern": {FieldType.TEXT},
    "decimals": {FieldType.NUMBER},
    "choices": CHOOSING,
    "target": {FieldType.REFERENCE},
    "expression": {FieldType.FORMULA},
    "unique": UNIQUELY,
    "indexed": {*COMPARED, FieldType.MULTI_CHOICE, FieldType.FORMULA},
    "required": set(FieldType) - {FieldType.FORMULA},
    "default": set(FieldType) - {FieldType.FORMULA, FieldType.REFERENCE},
}
_NEEDED: Mapping[FieldType, str] = {
    FieldType.CHOICE: "choices",
    FieldType.MULTI_CHOICE: "choices",
    FieldType.REFERENCE: "target",
    FieldType.FORMULA: "expression",
}


def problems(field: CustomField, before: CustomField | None, targets: Iterable[str]) -> list[tuple[str, Refused]]:
    """What is wrong with a definition by itself, by member."""
    return [
        *_misplaced(field),
        *_key(field),
        *_bounds(field),
        *_texts(field),
        *_choices(field, before),
        *_uniqueness(field, before),
        *_target(field, targets),
        *_default(field),
    ]


def _misplaced(field: CustomField) -> Found:
    for name, types in _FITS.items():
        if getattr(field, name) not in (None, False, ()) and field.type not in types:
            yield name, refuse("does_not_fit", f"not of a {field.type} field", f"不适用于 {field.type} 字段")
    needed = _NEEDED.get(field.type)
    if needed is not None and not getattr(field, needed):
        yield needed, refuse("missing", f"a {field.type} field needs it", f"{field.type} 字段必须提供")


def _key(field: CustomField) -> Found:
    if re.fullmatch(RESERVED, field.key):
        yield "key", refuse("reserved", "a word of the expression language", "为表达式语言的保留字")


def _bounds(field: CustomField) -> Found:
    if field.type not in BOUNDED:
        return
    parse: Callable[[str], Any] = parse_date if field.type is FieldType.DATE else _decimal
    parsed: dict[str, Decimal | date] = {}
    for name in ("minimum", "maximum"):
        text = getattr(field, name)
        if text is None:
            continue
        try:
            parsed[name] = parse(text)
        except Refused as refused:
            yield name, refused
    if len(parsed) == 2 and parsed["minimum"] > parsed["maximum"]:  # type: ignore[operator]  # noqa: PLR2004
        yield "maximum", refuse("too_small", "less than the minimum", "小于最小值")


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise refuse("number_type", "should be a number", "应为数字") from error
    if not number.is_finite():
        raise refuse("number_type", "should be a number", "应为数字")
    return number


def _texts(field: CustomField) -> Found:
    if field.pattern is not None:
        try:
            matcher(field.pattern)
        except Refused as refused:
            yield "pattern", refused
    if field.type is FieldType.TEXT and (field.indexed or field.unique) and (field.max_length or 0) > LONGEST_INDEXED:
        limit = LONGEST_INDEXED
        yield "max_length", refuse("too_large", f"at most {limit} if indexed", f"有索引时最多 {limit}")


def _choices(field: CustomField, before: CustomField | None) -> Found:
    values = [one.value for one in field.choices]
    if len(set(values)) < len(values):
        yield "choices", refuse("duplicate_entry", "the same value stands there twice", "选项值重复")
    gone = [] if before is None or before.type is not field.type else [one.value for one in before.choices]
    for value in gone:
        if value not in values:
            en = f"`{value}` may still be held by records: retire it instead"
            yield "choices", refuse("choice_removed", en, f"“{value}”可能仍被记录使用，请改为停用")


def _uniqueness(field: CustomField, before: CustomField | None) -> Found:
    if before is not None and field.unique and not before.unique:
        yield "unique", refuse("not_later", "is said when the field is defined", "只能在新建字段时设置")
    if field.unique and field.default is not None:
        yield "default", refuse("does_not_fit", "not of a unique field", "不适用于唯一字段")


def _target(field: CustomField, targets: Iterable[str]) -> Found:
    known = sorted(targets)
    if field.type is FieldType.REFERENCE and field.target is not None and field.target not in known:
        yield "target", refuse("unknown_target", f"one of: {', '.join(known)}", f"应为：{', '.join(known)}")


def _default(field: CustomField) -> Found:
    if field.default is None or field.type not in _FITS["default"]:
        return
    try:
        canonical(field, field.default)
    except Refused as refused:
        yield "default", Refused("invalid_default", refused.words)
