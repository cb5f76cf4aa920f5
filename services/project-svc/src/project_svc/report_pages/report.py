"""What an outcome report says, before it is HTML or PDF."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from crm_contracts.base import Money
from crm_platform.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A delivery that the customer accepted."""

    name: str
    due_on: date
    accepted_on: date
    on_time: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """An outcome, as far as a customer is told."""

    name: str
    unit: str
    baseline: Decimal
    target: Decimal
    actual: Decimal | None
    measured_on: date | None
    attainment: Decimal | None
    verdict: str | None
    summary: str | None
    benefit: Money | None
    ratio: Decimal | None
    review_on: date | None
    lessons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that a report says; of everything, the first ones that there is room for."""

    project_id: UUID
    project: str
    customer: str | None
    starts_on: date
    due_on: date
    completed_at: datetime | None
    made_at: datetime
    deliveries: Sequence[Accepted]
    results: Sequence[Result]
    answers: int
    satisfaction: Decimal | None
    loyalty: Decimal | None


VERDICTS = {
    "achieved": Words("achieved", "已达成"),
    "partly_achieved": Words("partly achieved", "部分达成"),
    "not_achieved": Words("not achieved", "未达成"),
}

TITLE = Words("Outcome report", "成果报告")
LABELS = {
    "customer": Words("Customer", "客户"),
    "period": Words("Period", "项目周期"),
    "completed": Words("Completed", "完成日期"),
    "made": Words("As of", "报告日期"),
    "outcomes": Words("Outcomes", "成果指标"),
    "indicator": Words("Indicator", "指标"),
    "baseline": Words("Baseline", "基线值"),
    "target": Words("Target", "目标值"),
    "actual": Words("Actual", "实际值"),
    "attainment": Words("Attainment", "达成率"),
    "verdict": Words("Verdict", "评价"),
    "benefit": Words("Benefit", "收益"),
    "ratio": Words("Benefit ÷ cost", "收益成本比"),
    "review": Words("Review", "复核日期"),
    "lessons": Words("Lessons learned", "经验教训"),
    "deliveries": Words("Accepted deliveries", "已验收交付物"),
    "delivery": Words("Delivery", "交付物"),
    "due": Words("Due", "应交日期"),
    "accepted": Words("Accepted", "验收日期"),
    "on_time": Words("On time", "按期"),
    "yes": Words("yes", "是"),
    "no": Words("no", "否"),
    "voice": Words("What the customer says", "客户评价"),
    "answers": Words("Answered surveys", "已回复调查"),
    "satisfaction": Words("Satisfaction (4 and 5 of 5)", "满意度（5 分制中的 4、5 分占比）"),
    "loyalty": Words("Loyalty (5 less 1 to 3)", "忠诚度（5 分占比减去 1 至 3 分占比）"),
    "nothing": Words("None yet.", "暂无。"),
}
"""What stands in a report in both languages."""


def number(value: Decimal | None) -> str:
    """A number as people read it: without trailing zeros, thousands apart."""
    if value is None:
        return "–"
    plain = format(value.normalize(), "f")
    return format(Decimal(plain), ",f")


def per_cent(value: Decimal | None) -> str:
    """A share with its sign; – where there is none."""
    return "–" if value is None else f"{number(value)} %"


def money(value: Money | None) -> str:
    """An amount with its currency; – where there is none."""
    return "–" if value is None else f"{number(value.amount)} {value.currency}"


def day(value: date | datetime | None) -> str:
    """A day as ISO 8601 has it, in UTC; – where there is none."""
    if isinstance(value, datetime):
        value = value.date()
    return "–" if value is None else value.isoformat()


def bar(attainment: Decimal | None) -> int:
    """How long the bar of an attainment is, in per cent of its place."""
    return 0 if attainment is None else int(max(Decimal(0), min(Decimal(100), attainment)))
