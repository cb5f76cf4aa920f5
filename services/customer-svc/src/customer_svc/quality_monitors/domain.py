"""A monitor of data quality."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field

from crm_contracts.quality.v1 import QualityDimension
from crm_platform.aggregate import AggregateState
from crm_platform.words import Words
from customer_svc.values.refused import AllRefused, Refused

NOUN = Words("data quality monitor", "数据质量监控")

_SCORED = frozenset({QualityDimension.ALL, QualityDimension.SOURCE, QualityDimension.OWNER, QualityDimension.TEAM})

_TOO_LOW = Words("lower than `degraded_below`", "不能低于 degraded_below")
_NO_SCORES = Words("rules and members have no average score", "规则和字段没有平均分，不能监控")
_FOR_ALL = Words("empty for all customers", "面向全部客户时必须为空")
_NO_ID = Words("the id of an owner or a team is a UUID", "负责人或团队的编号必须是 UUID")


Average = Annotated[Decimal, Field(ge=0, le=100, max_digits=5, decimal_places=2)]
"""An average score, or a limit for one."""


class QualityMonitor(AggregateState):
    """Watches the average score of some customers.

    Between the two limits nothing is said, so that an average that moves about one of them is told of once.
    """

    name: str
    dimension: QualityDimension = QualityDimension.ALL
    key: str = ""
    degraded_below: Average
    recovered_at: Average
    least_records: int = 1
    degraded: bool = False
    average: Average | None = None
    since: datetime | None = None

    def checked(self) -> "QualityMonitor":
        """The monitor, if its members fit each other.

        Raises:
            AllRefused: They do not.
        """
        refusals = []
        if self.recovered_at < self.degraded_below:
            refusals.append(Refused("limits_crossed", _TOO_LOW, ("recovered_at",)))
        if self.dimension not in _SCORED:
            refusals.append(Refused("no_average", _NO_SCORES, ("dimension",)))
        if self.dimension is QualityDimension.ALL and self.key:
            refusals.append(Refused("not_for_all", _FOR_ALL, ("key",)))
        if self.dimension in {QualityDimension.OWNER, QualityDimension.TEAM} and not _is_id(self.key):
            refusals.append(Refused("no_id", _NO_ID, ("key",)))
        if refusals:
            raise AllRefused(refusals)
        return self

    def watched(self, average: Decimal | None, records: int, at: datetime) -> "QualityMonitor":
        """The monitor after it has seen an average score; the same one where that does not turn it round."""
        if average is None or records < self.least_records:
            return self
        turns = average >= self.recovered_at if self.degraded else average < self.degraded_below
        return self.with_(degraded=not self.degraded, average=average, since=at) if turns else self


def _is_id(key: str) -> bool:
    try:
        return str(UUID(key)) == key
    except ValueError:
        return False
