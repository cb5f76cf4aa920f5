"""When a monitor turns: beyond its thresholds, and back by more than its margin."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_contracts.execution.v1 import MonitorLevel, MonitorSide
from crm_platform.ids import new_id
from project_svc.monitoring.showing.health import judged, worst
from project_svc.monitors.domain import Monitor

NOW = datetime(2026, 3, 2, tzinfo=UTC)
NORMAL, WARNING, CRITICAL = MonitorLevel


def monitor(bad: MonitorSide = MonitorSide.ABOVE, **fields: Any) -> Monitor:
    limits = {"warning": Decimal(100), "critical": Decimal(200), "margin": Decimal(10)}
    return Monitor(id=new_id(), project_id=new_id(), name="?", metric="response_time", bad=bad, **limits | fields)


def levels(watch: Monitor, *values: float) -> list[MonitorLevel]:
    found = []
    for step, value in enumerate(values):
        watch = watch.measured(Decimal(str(value)), NOW + timedelta(minutes=step))
        found.append(watch.level)
    return found


def test_a_value_that_trembles_about_a_threshold_turns_once() -> None:
    assert levels(monitor(), 100, 100.1, 99, 101, 90, 100) == [NORMAL, WARNING, WARNING, WARNING, NORMAL, NORMAL]
    assert levels(monitor(), 201, 195, 190, 189, 90) == [CRITICAL, CRITICAL, WARNING, WARNING, NORMAL]


def test_for_some_metrics_less_is_worse() -> None:
    spi = monitor(MonitorSide.BELOW, warning=Decimal("0.95"), critical=Decimal("0.85"), margin=Decimal("0.02"))

    assert levels(spi, 1, 0.95, 0.94, 0.96, 0.84, 0.86, 0.87, 0.97) == [
        *(NORMAL, NORMAL, WARNING, WARNING, CRITICAL, CRITICAL, WARNING, NORMAL),
    ]


def test_what_was_measured_earlier_comes_too_late() -> None:
    watch = monitor().measured(Decimal(150), NOW)

    assert watch.measured(Decimal(1), NOW - timedelta(seconds=1)) is watch
    assert watch.measured(Decimal(160), NOW + timedelta(hours=1)).since == NOW


@pytest.mark.parametrize(("bad", "critical"), [(MonitorSide.ABOVE, 100), (MonitorSide.BELOW, 100)])
def test_the_critical_threshold_is_the_worse_one(bad: MonitorSide, critical: int) -> None:
    (problem,) = monitor(bad, critical=Decimal(critical)).problems("zh")

    assert (problem.pointer, problem.code) == ("/critical", "not_worse_than_warning")
    assert monitor().problems("zh") == []


@given(st.sampled_from(MonitorSide), st.lists(st.integers(0, 300), min_size=1, max_size=20))
def test_a_monitor_is_never_better_than_its_value(bad: MonitorSide, values: list[int]) -> None:
    limits = {"warning": Decimal(200), "critical": Decimal(100)} if bad is MonitorSide.BELOW else {}
    for value, level in zip(values, levels(monitor(bad, **limits), *values), strict=True):
        plain = monitor(bad, **limits, margin=Decimal(0)).measured(Decimal(value), NOW).level
        assert list(MonitorLevel).index(level) >= list(MonitorLevel).index(plain)


def test_health_is_as_bad_as_its_worst_reason() -> None:
    quiet = {"overdue": False, "overdue_deliveries": 0, "exceeded_risks": 0}
    fine = {"spi": Decimal("0.95"), "cpi": Decimal(1), "critical_issues": Decimal(0)}

    assert (judged(fine, quiet, []), worst([])) == ([], "green")
    slow = judged(fine | {"spi": Decimal("0.9"), "cpi": Decimal("0.8")}, quiet | {"exceeded_risks": 2}, [])
    assert [(one.code, one.health.value) for one in slow] == [
        *(("cpi_low", "red"), ("spi_low", "amber"), ("exceeded_risks", "amber")),
    ]
    assert worst(slow) == "red"
    watched = judged(fine, quiet | {"overdue": True}, [("响应时间", WARNING), ("磁盘", CRITICAL)])
    assert [(one.code, one.health.value) for one in watched] == [
        *(("overdue", "red"), ("monitor", "red"), ("monitor", "amber")),
    ]
