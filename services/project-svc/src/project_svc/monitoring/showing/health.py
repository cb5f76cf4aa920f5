"""How a project stands, and why: pure rules over its metrics."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from crm_contracts.execution.v1 import MonitorLevel
from crm_platform.words import Words
from project_svc.monitoring.schemas import Health, HealthReasonRead

AMBER_BELOW, RED_BELOW = Decimal("0.95"), Decimal("0.85")
"""Of SPI, CPI and SPI(t)."""

_LOW = {
    "spi": Words("less is done than was planned (SPI)", "完成的工作少于计划（SPI）"),
    "cpi": Words("work costs more than was planned (CPI)", "工作成本高于计划（CPI）"),
    "schedule_spi": Words("the project is behind its schedule (SPI(t))", "项目进度落后（SPI(t)）"),
}
_OVERDUE = Words("the project is overdue", "项目已逾期")
_DELIVERIES = Words("deliverables are overdue", "有交付物已逾期")
_RISKS = Words("risks are over their threshold", "有风险超过阈值")
_ISSUES = Words("critical issues are open", "有严重问题未解决")


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthReason:
    """One reason."""

    code: str
    health: Health
    words: Words
    value: Decimal | None = None
    limit: Decimal | None = None

    def shown(self, language: str) -> HealthReasonRead:
        """As clients get it."""
        return HealthReasonRead(
            code=self.code,
            health=self.health,
            value=None if self.value is None else round(float(self.value), 4),
            limit=None if self.limit is None else float(self.limit),
            text=self.words.into(language),
        )


def judged(
    measures: Mapping[str, Decimal], facts: Mapping[str, Any], alerts: Sequence[tuple[str, MonitorLevel]]
) -> list[HealthReason]:
    """All reasons why a project does not stand green, the worst first."""
    found = [*_by_indices(measures), *_by_facts(measures, facts), *(_by_monitor(*alert) for alert in alerts)]
    return sorted(found, key=lambda reason: reason.health is not Health.RED)


def worst(reasons: Sequence[HealthReason]) -> Health:
    """How a project with these reasons stands."""
    return reasons[0].health if reasons else Health.GREEN


def _by_indices(measures: Mapping[str, Decimal]) -> Iterator[HealthReason]:
    for name, words in _LOW.items():
        value = measures.get(name)
        if value is None or value >= AMBER_BELOW:
            continue
        red = value < RED_BELOW
        yield HealthReason(
            code=f"{name}_low",
            health=Health.RED if red else Health.AMBER,
            words=words,
            value=value,
            limit=RED_BELOW if red else AMBER_BELOW,
        )


def _by_facts(measures: Mapping[str, Decimal], facts: Mapping[str, Any]) -> Iterator[HealthReason]:
    if facts["overdue"]:
        yield HealthReason(code="overdue", health=Health.RED, words=_OVERDUE)
    counted = (
        ("overdue_deliveries", facts["overdue_deliveries"], _DELIVERIES),
        ("exceeded_risks", facts["exceeded_risks"], _RISKS),
        ("critical_issues", measures["critical_issues"], _ISSUES),
    )
    for code, number, words in counted:
        if number:
            yield HealthReason(code=code, health=Health.AMBER, words=words, value=Decimal(number), limit=Decimal(0))


def _by_monitor(name: str, level: MonitorLevel) -> HealthReason:
    health = Health.RED if level is MonitorLevel.CRITICAL else Health.AMBER
    return HealthReason(code="monitor", health=health, words=Words(name, name))
