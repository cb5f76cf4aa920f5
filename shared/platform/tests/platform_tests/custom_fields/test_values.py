"""Values by themselves: one form, which survives JSON, texts and other types."""

import time
from datetime import date
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as some

from crm_contracts.base import Bilingual
from crm_contracts.custom_field.v1 import Choice, FieldType
from crm_platform.custom_fields.converting import converted, fits, followed
from crm_platform.custom_fields.domain import CustomField
from crm_platform.custom_fields.refused import Refused
from crm_platform.custom_fields.values import canonical
from crm_platform.ids import new_id

CHOICES = tuple(
    Choice(value=zh, label=Bilingual(en=en, zh=zh)) for zh, en in (("甲", "One"), ("乙", "Two"), ("丙", "Three"))
)
VALUES = {
    FieldType.TEXT: some.text(some.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=50).filter(
        str.strip
    ),
    FieldType.NUMBER: some.decimals(-(10**9) + 1, 10**9 - 1, places=6).map(float),
    FieldType.MONEY: some.builds(
        lambda amount, currency: {"amount": str(amount), "currency": currency},
        some.decimals(-(10**9), 10**9, places=4),
        some.sampled_from(["CNY", "USD", "JPY"]),
    ),
    FieldType.DATE: some.dates(date(1000, 1, 1), date(9999, 12, 30)).map(date.isoformat),
    FieldType.BOOLEAN: some.booleans(),
    FieldType.CHOICE: some.sampled_from([one.value for one in CHOICES]),
    FieldType.MULTI_CHOICE: some.lists(some.sampled_from([one.value for one in CHOICES]), min_size=1),
    FieldType.REFERENCE: some.uuids().map(str),
}


def a_field(type: FieldType, **rules: Any) -> CustomField:
    choices = CHOICES if type in {FieldType.CHOICE, FieldType.MULTI_CHOICE} else ()
    label = Bilingual(en="X", zh="某")
    return CustomField(id=new_id(), resource="things", key="x", type=type, label=label, choices=choices, **rules)


@pytest.mark.parametrize("type", VALUES)
def test_a_value_has_one_form_which_json_and_a_text_keep(type: FieldType) -> None:
    field = a_field(type)

    @given(VALUES[type])
    def keeps(value: Any) -> None:
        kept = canonical(field, value)
        assert canonical(field, kept) == kept
        assert orjson.loads(orjson.dumps(kept)) == kept
        assert fits(field, kept)
        if type is FieldType.NUMBER:
            assert Decimal(repr(kept)) == Decimal(repr(value))
        if type is not FieldType.TEXT:
            as_text = followed(a_field(FieldType.TEXT), kept)
            assert converted(field, as_text) == kept

    keeps()


@pytest.mark.parametrize(
    ("type", "value", "code"),
    [
        (FieldType.NUMBER, 0.1234567, "too_many_decimals"),
        (FieldType.NUMBER, 10**15, "too_many_digits"),
        (FieldType.NUMBER, 1234567890.123456, "too_many_digits"),
        (FieldType.NUMBER, True, "number_type"),
        (FieldType.NUMBER, "1", "number_type"),
        (FieldType.MONEY, {"amount": "1"}, "money_type"),
        (FieldType.MONEY, {"amount": "1", "currency": "RMB"}, "currency_unknown"),
        (FieldType.MONEY, {"amount": "99999999999999.99", "currency": "CNY"}, "too_many_digits"),
        (FieldType.DATE, "2023-02-29", "date_type"),
        (FieldType.DATE, "0001-01-01", "date_type"),
        (FieldType.DATE, "9999-12-31", "date_type"),
        (FieldType.DATE, "２０２３-01-01", "date_type"),  # noqa: RUF001
        (FieldType.BOOLEAN, 1, "bool_type"),
        (FieldType.MULTI_CHOICE, "甲", "list_type"),
        (FieldType.REFERENCE, "x", "uuid_type"),
        (FieldType.TEXT, "a\x00b", "string_unicode"),
    ],
)
def test_what_is_none_of_a_type_is_refused(type: FieldType, value: Any, code: str) -> None:
    with pytest.raises(Refused) as refused:
        canonical(a_field(type), value)

    assert refused.value.code == code


def test_a_pattern_takes_time_by_the_length_of_the_text_only() -> None:
    field = a_field(FieldType.TEXT, pattern="(a+)+b", max_length=5000)
    before = time.process_time()

    with pytest.raises(Refused):
        canonical(field, "a" * 5000)

    assert time.process_time() - before < 5


@pytest.mark.parametrize(
    ("text", "type", "expected"),
    [
        ("1.2万", FieldType.NUMBER, 12000),
        ("人民币 1,200.50元", FieldType.MONEY, {"amount": "1200.5", "currency": "CNY"}),
        ("2024年3月5日", FieldType.DATE, "2024-03-05"),
        ("是", FieldType.BOOLEAN, True),
        ("two", FieldType.CHOICE, "乙"),
        ("丙、One", FieldType.MULTI_CHOICE, ["甲", "丙"]),
    ],
)
def test_cells_are_read_as_people_write_them(text: str, type: FieldType, expected: Any) -> None:
    assert converted(a_field(type), text) == expected
