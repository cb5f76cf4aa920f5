"""Values of custom fields as they stand in JSON: checked, and brought into their one form."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any
from uuid import UUID

from pydantic import StringConstraints, TypeAdapter, ValidationError
from pydantic_core import SchemaError

from crm_contracts.base import Money
from crm_contracts.custom_field.v1 import FieldType
from crm_platform import currencies
from crm_platform.custom_fields.domain import MAX_DECIMALS, MAX_DIGITS, USUAL_TEXT, CustomField
from crm_platform.custom_fields.refused import Refused, refuse

Json = Any
"""A value as it stands in JSON."""

_FIRST_DAY = date(1000, 1, 1)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def canonical(field: CustomField, value: Json) -> Json:
    """The value in its one form; None where it says nothing.

    Raises:
        Refused: It is none of the field's values.
    """
    if value is None or value in ("", []):
        return None
    return _FORMS[field.type](field, value)


@lru_cache(1024)
def matcher(pattern: str) -> TypeAdapter[str]:
    """Checks texts against a regular expression, in time that grows with their length only.

    Raises:
        Refused: It is no regular expression, or one with look-around or back references.
    """
    try:
        TypeAdapter(
            Annotated[str, StringConstraints(pattern=pattern)]
        )  # by itself too, so that brackets cannot end ours
        return TypeAdapter(Annotated[str, StringConstraints(pattern=f"^(?:{pattern})$")])
    except SchemaError as error:
        raise refuse("invalid_pattern", "not a regular expression that can be used", "不是可用的正则表达式") from error


def _text(field: CustomField, value: Json) -> Json:
    if not isinstance(value, str):
        raise refuse("string_type", "should be a string", "应为字符串")
    text = value.strip()
    limit = field.max_length or USUAL_TEXT
    if len(text) > limit:
        raise refuse("string_too_long", f"at most {limit} characters", f"最多 {limit} 个字符")
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise refuse("string_unicode", "has characters that are not stored", "包含无法存储的字符")
    if text and field.pattern is not None:
        _match(field.pattern, text)
    return text or None


def _match(pattern: str, text: str) -> None:
    try:
        matcher(pattern).validate_python(text)
    except ValidationError as error:
        raise refuse("string_pattern_mismatch", f"should match {pattern}", f"应匹配 {pattern}") from error


def _number(field: CustomField, value: Json) -> Json:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise refuse("number_type", "should be a number", "应为数字")
    number = Decimal(repr(value) if isinstance(value, float) else value)
    places = MAX_DECIMALS if field.decimals is None else field.decimals
    _check_digits(number, places)
    _check_bounds(field, number, Decimal)
    return plain(number)


def _check_digits(number: Decimal, places: int) -> None:
    if not number.is_finite() or abs(number) >= Decimal(10) ** MAX_DIGITS:
        raise refuse("too_many_digits", f"at most {MAX_DIGITS} digits", f"最多 {MAX_DIGITS} 位数字")
    number = number.normalize()
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > places:
        raise refuse("too_many_decimals", f"at most {places} decimal places", f"最多 {places} 位小数")
    if len(number.as_tuple().digits) > MAX_DIGITS:
        raise refuse("too_many_digits", f"at most {MAX_DIGITS} digits", f"最多 {MAX_DIGITS} 位数字")


def plain(number: Decimal) -> int | float:
    """A decimal of at most 15 digits as JSON holds it, exactly."""
    return int(number) if number == number.to_integral_value() else float(number)


def _check_bounds(field: CustomField, value: Any, parse: Callable[[str], Any]) -> None:
    if field.minimum is not None and value < parse(field.minimum):
        raise refuse("too_small", f"at least {field.minimum}", f"应不小于 {field.minimum}")
    if field.maximum is not None and value > parse(field.maximum):
        raise refuse("too_large", f"at most {field.maximum}", f"应不大于 {field.maximum}")


def _money(field: CustomField, value: Json) -> Json:
    try:
        money = Money.model_validate(value)
    except ValidationError as error:
        raise refuse(
            "money_type",
            'should be money, such as {"amount": "12.50", "currency": "CNY"}',
            '应为金额，例如 {"amount": "12.50", "currency": "CNY"}',
        ) from error
    unlisted = currencies.unlisted(money.currency)
    if unlisted is not None:
        raise refuse("currency_unknown", unlisted.en, unlisted.zh)
    _check_digits(money.amount, 4)
    _check_bounds(field, money.amount, Decimal)
    return money.model_dump(mode="json")


def _date(field: CustomField, value: Json) -> Json:
    day = parse_date(value)
    _check_bounds(field, day, date.fromisoformat)
    return day.isoformat()


def parse_date(value: Json) -> date:
    """A day written as JSON has it.

    Raises:
        Refused: It is none.
    """
    if isinstance(value, str) and _DATE.fullmatch(value) and value.isascii():
        try:
            day = date.fromisoformat(value)
        except ValueError:
            day = date.min
        if _FIRST_DAY <= day < date.max:  # which asyncpg takes for infinity
            return day
    raise refuse("date_type", "should be a date (YYYY-MM-DD)", "应为日期（YYYY-MM-DD）")


def _boolean(_: CustomField, value: Json) -> Json:
    if not isinstance(value, bool):
        raise refuse("bool_type", "should be true or false", "应为布尔值")
    return value


def _choice(field: CustomField, value: Json) -> Json:
    choice = field.choice(value) if isinstance(value, str) else None
    if choice is None:
        known = ", ".join(one.value for one in field.choices if not one.retired)
        raise refuse("unknown_choice", f"should be one of: {known}", f"应为以下值之一：{known}")
    if choice.retired:
        raise refuse("retired_choice", f"`{value}` is not given any more", f"选项“{value}”已停用")
    return value


def _choices(field: CustomField, value: Json) -> Json:
    if not isinstance(value, list | tuple):
        raise refuse("list_type", "should be a list of choices", "应为选项数组")
    chosen = {_choice(field, one) for one in value}
    return [one.value for one in field.choices if one.value in chosen] or None


def _reference(_: CustomField, value: Json) -> Json:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, str) and len(value) == len(str(UUID(int=0))):
        try:
            return str(UUID(value))
        except ValueError:
            pass
    raise refuse("uuid_type", "should be the id of a record", "应为记录编号")


def _formula(_: CustomField, _value: Json) -> Json:
    raise refuse("computed", "is computed, not given", "由公式计算，不能填写")


_FORMS: Mapping[FieldType, Callable[[CustomField, Json], Json]] = {
    FieldType.TEXT: _text,
    FieldType.NUMBER: _number,
    FieldType.MONEY: _money,
    FieldType.DATE: _date,
    FieldType.BOOLEAN: _boolean,
    FieldType.CHOICE: _choice,
    FieldType.MULTI_CHOICE: _choices,
    FieldType.REFERENCE: _reference,
    FieldType.FORMULA: _formula,
}


def compared(field: CustomField, value: Json) -> Any:
    """What is compared of a value in an index: a text, a double or a date."""
    if value is None:
        return None
    if field.holds is FieldType.MONEY:
        return float(value["amount"])
    if field.holds is FieldType.NUMBER:
        return float(value)
    return date.fromisoformat(value) if field.holds is FieldType.DATE else value


def listed(value: Json) -> list[str]:
    """The choices of a value; none where it is of another type, as some may be until a conversion is through."""
    return value if isinstance(value, list) else []


__all__ = ["Json", "Refused", "canonical", "compared", "listed", "matcher", "parse_date", "plain"]
