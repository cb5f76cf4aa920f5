"""What values may look like when a condition is evaluated."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID

import pytest

from crm_platform.cel import CelValueError, compile_program, evaluate
from platform_tests.cel.samples import FIELDS, ONE


class Stage(StrEnum):
    WON = "won"


class OldStage(Enum):
    WON = "won"


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("revenue.amount == 12.5", {"revenue": {"amount": "12.50", "currency": "CNY"}}),
        ("revenue.amount == 12.5", {"revenue": MappingProxyType({"amount": Decimal("12.5")})}),
        ("revenue.amount == 12.5", {"revenue.amount": Decimal("12.50")}),
        ("revenue.amount == 12", {"revenue.amount": 12}),
        ("rate == 0.1", {"rate": 0.1}),
        ("due == date('2024-02-29')", {"due": "2024-02-29"}),
        ("due == date('2024-02-29')", {"due": date(2024, 2, 29)}),
        ("seen == timestamp('2024-02-29T00:00:00Z')", {"seen": "2024-02-29T08:00:00+08:00"}),
        (
            "seen == timestamp('2024-02-29T00:00:00Z')",
            {"seen": datetime(2024, 2, 29, 8, tzinfo=timezone(timedelta(hours=8)))},
        ),
        ("seen > now - duration('100h')", {"seen": datetime.min.replace(tzinfo=UTC), "now": "0001-01-02T00:00:00Z"}),
        ("owner == '00000000-0000-0000-0000-000000000001'", {"owner": ONE}),
        ("owner == '00000000-0000-0000-0000-00000000000A'", {"owner": "00000000-0000-0000-0000-00000000000a"}),
        ("stage == 'won'", {"stage": "won"}),
        ("stage == 'won'", {"stage": Stage.WON}),
        ("stage == 'won'", {"stage": OldStage.WON}),
        ("stage == 'won'", {"stage": "won", "unknown": object()}),
        ("'a' in tags && !('b' in tags)", {"tags": ("a",)}),
        ("'a' in tags && !('b' in tags)", {"tags": {"a"}}),
        ("owner in members", {"owner": UUID(int=1), "members": [str(ONE)]}),
        ("revenue.amount == null && name == null && !has(tags)", {}),
        ("revenue.amount == null && size(tags) == 0", {"revenue": None, "tags": None}),
        ("revenue.amount == null", {"revenue": 5}),
    ],
)
def test_values_of_python_and_of_json(text: str, values: dict[str, Any]) -> None:
    assert evaluate(text, values, FIELDS) is True


def test_a_null_condition_is_false() -> None:
    assert evaluate("active", {}, FIELDS) is False
    assert evaluate("active && vip", {"active": True}, FIELDS) is False
    assert evaluate("active ? vip : true", {"active": True}, FIELDS) is False
    assert evaluate("!active", {}, FIELDS) is True


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", 3),
        ("name", b"x"),
        ("stage", 3),
        ("score", "3"),
        ("score", 3.0),
        ("score", True),
        ("score", 2**63),
        ("rate", "three"),
        ("rate", "NaN"),
        ("rate", "Infinity"),
        ("rate", float("nan")),
        ("rate", True),
        ("rate", Decimal("1e1000000")),
        ("rate", Decimal("1e-1000000")),
        ("active", 1),
        ("active", "true"),
        ("due", "2024-2-3"),
        ("due", datetime(2024, 1, 1, tzinfo=UTC)),
        ("seen", "2024-01-01"),
        ("seen", datetime(2024, 1, 1)),  # noqa: DTZ001
        ("seen", date(2024, 1, 1)),
        ("owner", "abc"),
        ("owner", 3),
        ("tags", "abc"),
        ("tags", [3]),
        ("members", ["abc"]),
    ],
)
def test_other_values_are_refused(name: str, value: object) -> None:
    text = f"size({name}) == 1" if name in {"tags", "members"} else f"{name} == null"
    with pytest.raises(CelValueError) as caught:
        evaluate(text, {name: value}, FIELDS)
    kind = FIELDS[name].kind
    assert caught.value.code == "bad_value"
    assert caught.value.position is None
    assert str(caught.value) == f"The value of `{name}` is not a valid {kind}."
    assert caught.value.message("zh") == f"“{name}”的值不是有效的 {kind}。"


def test_program_knows_its_fields_and_reads_no_other() -> None:
    program = compile_program("revenue.amount > 3 || tags.exists(name, name == title)", FIELDS)
    assert program.fields == {"revenue.amount", "tags", "title"}
    assert program.evaluate({"revenue": {"amount": 4}, "name": 5, "score": "bad"})
    assert program.text == "revenue.amount > 3 || tags.exists(name, name == title)"
