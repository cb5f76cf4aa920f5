"""Rules of monitors."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from crm_contracts.execution.v1 import MonitorLevel, MonitorSide
from crm_platform.aggregate import OwnedState
from crm_platform.errors import FieldProblem
from crm_platform.words import Words

NOUN = Words("monitor", "监控项")

_ORDER = Words("The critical threshold is not worse than the warning threshold.", "严重阈值没有比警告阈值更差。")
_WORST_FIRST = (MonitorLevel.CRITICAL, MonitorLevel.WARNING)


class Monitor(OwnedState):
    """A metric of a project with two thresholds.

    A level is reached where the metric is beyond its threshold, and left where it is better by more than the margin: a
    metric that trembles about a threshold is told of once.
    """

    project_id: UUID
    name: str
    metric: str
    unit: str | None = None
    bad: MonitorSide
    warning: Decimal
    critical: Decimal
    margin: Decimal = Decimal(0)
    level: MonitorLevel = MonitorLevel.NORMAL
    value: Decimal | None = None
    measured_at: datetime | None = None
    since: datetime | None = None

    def problems(self, language: str) -> list[FieldProblem]:
        """What is wrong with it, by member."""
        if self._worse(self.critical, self.warning):
            return []
        return [FieldProblem("/critical", "not_worse_than_warning", _ORDER.into(language))]

    def measured(self, value: Decimal, at: datetime) -> "Monitor":
        """The monitor after a measurement; one that is older than the last changes nothing."""
        if self.measured_at is not None and at < self.measured_at:
            return self
        level = self._level(value)
        since = at if level is not self.level else self.since
        return self.with_(level=level, value=value, measured_at=at, since=since)

    def _level(self, value: Decimal) -> MonitorLevel:
        rank = list(MonitorLevel)
        for level in _WORST_FIRST:
            threshold = self.critical if level is MonitorLevel.CRITICAL else self.warning
            held = rank.index(self.level) >= rank.index(level)
            if self._worse(value, threshold) or (held and self._worse(value, self._better(threshold))):
                return level
        return MonitorLevel.NORMAL

    def _worse(self, value: Decimal, than: Decimal) -> bool:
        return value > than if self.bad is MonitorSide.ABOVE else value < than

    def _better(self, threshold: Decimal) -> Decimal:
        return threshold - self.margin if self.bad is MonitorSide.ABOVE else threshold + self.margin

    def worsened(self, before: "Monitor") -> bool:
        """Whether it stands worse than ``before``."""
        rank = list(MonitorLevel)
        return rank.index(self.level) > rank.index(before.level)
