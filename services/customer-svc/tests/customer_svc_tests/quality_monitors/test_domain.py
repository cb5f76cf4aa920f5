from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from crm_contracts.quality.v1 import QualityDimension
from crm_platform.ids import new_id
from customer_svc.quality_monitors.domain import QualityMonitor
from customer_svc.values.refused import AllRefused

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def monitor(**values: Any) -> QualityMonitor:
    limits = {"degraded_below": Decimal(60), "recovered_at": Decimal(70)}
    return QualityMonitor(id=new_id(), name="?", **limits | values)


def test_an_average_that_moves_about_a_limit_turns_a_monitor_once() -> None:
    told = []
    watch = monitor()
    for average in ("60", "59.99", "60.01", "59", "69.99", "70", "69", "60", "59"):
        after = watch.watched(Decimal(average), 1, NOW)
        if after is not watch:
            told.append((average, after.degraded, after.average, after.since))
        watch = after

    assert told == [
        ("59.99", True, Decimal("59.99"), NOW),
        ("70", False, Decimal(70), NOW),
        ("59", True, Decimal(59), NOW),
    ]


def test_few_customers_and_none_turn_nothing() -> None:
    watch = monitor(least_records=10)

    assert watch.watched(Decimal(1), 9, NOW) is watch
    assert watch.watched(None, 10, NOW) is watch
    assert watch.watched(Decimal(1), 10, NOW).degraded is True


@pytest.mark.parametrize(
    ("values", "places"),
    [
        ({"recovered_at": Decimal("59.99")}, [("recovered_at",)]),
        ({"dimension": QualityDimension.RULE}, [("dimension",)]),
        ({"dimension": QualityDimension.MEMBER}, [("dimension",)]),
        ({"key": "展会"}, [("key",)]),
        ({"dimension": QualityDimension.OWNER, "key": "me"}, [("key",)]),
        ({"dimension": QualityDimension.TEAM}, [("key",)]),
        ({"key": "展会", "recovered_at": Decimal(0)}, [("recovered_at",), ("key",)]),
    ],
)
def test_members_that_do_not_fit_each_other_are_refused(values: dict[str, Any], places: list[tuple[str]]) -> None:
    with pytest.raises(AllRefused) as refused:
        monitor(**values).checked()

    assert [one.place for one in refused.value.refusals] == places


def test_members_that_fit_each_other_are_kept() -> None:
    for values in (
        {"recovered_at": Decimal(60)},
        {"dimension": QualityDimension.SOURCE, "key": "展会"},
        {"dimension": QualityDimension.OWNER, "key": str(uuid4())},
    ):
        fitting = monitor(**values)
        assert fitting.checked() is fitting
