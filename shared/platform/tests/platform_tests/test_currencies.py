"""Which currencies amounts can be in, how they are refused, and to what they are rounded."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pydantic import TypeAdapter, ValidationError

from crm_contracts.base import CurrencyCode, Money
from crm_platform.currencies import MINOR_UNITS, minor_unit, unlisted
from crm_platform.http.fields import STORED, Currency, EnteredMoney, Price, Sum
from crm_platform.http.validation_messages import described

_ENTERED = [TypeAdapter(kind) for kind in (EnteredMoney, Price, Sum)]


def refusals(kind: TypeAdapter[Any], value: object) -> list[dict[str, Any]]:
    with pytest.raises(ValidationError) as refused:
        kind.validate_python(value)
    return [dict(error) for error in refused.value.errors()]


def test_the_list_is_that_of_iso_4217() -> None:
    digits = {"CNY": 2, "USD": 2, "EUR": 2, "JPY": 0, "KRW": 0, "VND": 0, "KWD": 3, "TND": 3, "CLF": 4, "XCG": 2}

    assert {code: MINOR_UNITS[code] for code in digits} == digits
    # The list has 178 codes; 13 of them have no minor unit.
    assert len(MINOR_UNITS) == 178 - 13
    assert MINOR_UNITS.keys().isdisjoint(("XXX", "XTS", "XAU", "BGN", "HRK", "DEM", "RMB", "ANG", "ZWL"))
    assert all(TypeAdapter(CurrencyCode).validate_python(code) == code for code in MINOR_UNITS)
    assert [unlisted(code) for code in MINOR_UNITS] == [None] * len(MINOR_UNITS)


@pytest.mark.parametrize(
    ("code", "en", "zh"),
    [
        ("XYZ", "`XYZ` is not a currency in use by ISO 4217", "“XYZ”不是 ISO 4217 现行货币代码"),
        ("RMB", "`RMB` is not a code of ISO 4217; write `CNY`", "“RMB”不是 ISO 4217 货币代码，应为 CNY"),
    ],
)
def test_what_is_entered_is_in_a_currency_in_use(code: str, en: str, zh: str) -> None:
    money = {"amount": "12.50", "currency": code}
    told = [refusals(kind, money) for kind in _ENTERED]
    (alone,) = refusals(TypeAdapter(Currency), code)

    assert [[(one["type"], one["loc"]) for one in errors] for errors in told] == [
        [("currency_unknown", ("currency",))] for _ in _ENTERED
    ]
    assert {(words.en, words.zh) for errors in (*told, [alone]) for words in map(described, errors)} == {(en, zh)}


def test_what_was_kept_or_told_before_can_be_read() -> None:
    old = {"amount": "1", "currency": "XYZ"}

    assert [kind.validate_python(old, context=STORED) for kind in _ENTERED] == [Money.model_validate(old)] * 3
    assert minor_unit("XYZ") == Decimal("0.01")


@given(
    amount=some.decimals(-(10**9), 10**9, places=6, allow_nan=False, allow_infinity=False),
    code=some.sampled_from(sorted(MINOR_UNITS)),
)
def test_rounded_amounts_can_be_paid(amount: Decimal, code: str) -> None:
    unit = minor_unit(code)
    paid = amount.quantize(unit, ROUND_HALF_UP)

    assert paid % unit == 0
    assert abs(paid - amount) * 2 <= unit
    assert unit * 10 ** MINOR_UNITS[code] == 1
