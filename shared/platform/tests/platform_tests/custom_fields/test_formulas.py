"""Expressions that give values, and the order in which they are computed."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from crm_platform.cel import Field, compile_formula, field_map
from crm_platform.custom_fields.formulas import in_order, outcome
from crm_platform.custom_fields.refused import Refused

FIELDS = field_map(
    Field("a", None, "int"),
    Field("b", None, "decimal"),
    Field("name", None, "string"),
    Field("day", None, "date"),
    Field("ok", None, "bool"),
)


@pytest.mark.parametrize(
    ("text", "values", "type", "expected"),
    [
        ("a + 1", {"a": 41}, "int", 42),
        ("a / 3", {"a": 10}, "int", 3),
        ("b * 2", {"b": Decimal("0.1")}, "decimal", 0.2),
        ("b / 3", {"b": Decimal(1)}, "decimal", 0.333333),
        ("a / 0", {"a": 1}, "int", None),
        ("a + 1", {}, "int", None),
        ("a * a * a", {"a": 10**6}, "int", None),
        ("name", {"name": "观心"}, "string", "观心"),
        ("ok ? name : 'none'", {"ok": False, "name": "x"}, "string", "none"),
        ("day", {"day": "2024-02-29"}, "date", "2024-02-29"),
        ("a > 1 && ok", {"a": 2, "ok": True}, "bool", True),
    ],
)
def test_a_formula_gives_a_value_of_its_type(text: str, values: dict[str, Any], type: str, expected: Any) -> None:
    formula = compile_formula(text, FIELDS)

    assert (formula.type, formula.timed) == (type, False)
    assert outcome(formula.compute(values)) == expected


def test_what_does_not_fit_a_number_is_rounded_or_nothing() -> None:
    assert outcome(Decimal("123456789.1234567")) == 123456789.123457
    assert outcome(Decimal(10) ** 15) is None
    assert outcome(date(2024, 1, 1)) == "2024-01-01"
    assert outcome("") is None
    assert outcome("x" * 10_001) is None


def test_formulas_come_after_those_that_they_read() -> None:
    reads = {"c": frozenset({"b", "x"}), "b": frozenset({"a"}), "a": frozenset({"y"})}

    assert in_order(reads) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("reads", "path"),
    [
        ({"a": frozenset({"a"})}, "custom.a → custom.a"),
        ({"a": frozenset({"b"}), "b": frozenset({"c"}), "c": frozenset({"b"})}, "custom.b → custom.c → custom.b"),
    ],
)
def test_a_cycle_is_named_by_its_path(reads: dict[str, frozenset[str]], path: str) -> None:
    with pytest.raises(Refused) as refused:
        in_order(reads)

    assert (refused.value.code, path in refused.value.words.en) == ("formula_cycle", True)
