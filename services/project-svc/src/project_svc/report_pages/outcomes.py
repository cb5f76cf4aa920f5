"""An outcome report: what it says, and how that is worded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from crm_contracts.base import Money
from crm_platform.days import day_of
from crm_platform.words import Words
from project_svc.report_pages.layout import Bullets, Cell, Facts, Prose, Report, Section, Table, cells
from project_svc.report_pages.words import COLONS, bar, day, money, number, per_cent


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A delivery that the customer accepted."""

    name: str
    due_on: date
    accepted_at: datetime
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
class OutcomeReport:
    """All that a report says; of everything, the first ones that there is room for."""

    project_id: UUID
    project: str
    customer: str | None
    starts_on: date
    due_on: date
    completed_at: datetime | None
    made_at: datetime
    zone: ZoneInfo
    deliveries: Sequence[Accepted]
    results: Sequence[Result]
    answers: int
    satisfaction: Decimal | None
    loyalty: Decimal | None


_VERDICTS = {
    "achieved": Words("achieved", "已达成"),
    "partly_achieved": Words("partly achieved", "部分达成"),
    "not_achieved": Words("not achieved", "未达成"),
}

_TITLE = Words("Outcome report", "成果报告")
_LABELS = {
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


def worded(report: OutcomeReport, language: str) -> Report:
    """The report as texts in ``en`` or ``zh``."""
    return _Wording(language, report.zone).whole(report)


class _Wording:
    def __init__(self, language: str, zone: ZoneInfo) -> None:
        self.language, self.zone = language, zone

    def day_of(self, moment: datetime | None) -> str:
        return day(None if moment is None else day_of(moment, self.zone))

    def whole(self, report: OutcomeReport) -> Report:
        lessons = [lesson for one in report.results for lesson in one.lessons]
        sections = [
            Section(self.label("outcomes"), [self.results(report)]),
            Section(self.label("voice"), [self.voice(report)]),
            Section(self.label("deliveries"), [self.deliveries(report)]),
        ]
        if lessons:
            sections.append(Section(self.label("lessons"), [Bullets(lessons)]))
        return Report(_TITLE.into(self.language), report.project, self.language, self.facts(report), sections)

    def label(self, name: str) -> str:
        return _LABELS[name].into(self.language)

    def labels(self, *names: str) -> tuple[str, ...]:
        return tuple(self.label(name) for name in names)

    def facts(self, report: OutcomeReport) -> Facts:
        facts = (
            ("customer", report.customer or "–"),
            ("period", f"{day(report.starts_on)} – {day(report.due_on)}"),
            ("completed", self.day_of(report.completed_at)),
            ("made", self.day_of(report.made_at)),
        )
        return Facts([(self.label(name), value) for name, value in facts])

    def voice(self, report: OutcomeReport) -> Facts:
        facts = (
            ("answers", str(report.answers)),
            ("satisfaction", per_cent(report.satisfaction)),
            ("loyalty", per_cent(report.loyalty)),
        )
        return Facts([(self.label(name), value) for name, value in facts])

    def results(self, report: OutcomeReport) -> Table | Prose:
        if not report.results:
            return Prose(self.label("nothing"))
        head = self.labels("indicator", "baseline", "target", "actual", "attainment", "verdict", "benefit")
        return Table(head, (2.6, 1, 1, 1.5, 1.1, 1.1, 1.2), [self.row(one) for one in report.results], numeric=1)

    def deliveries(self, report: OutcomeReport) -> Table | Prose:
        if not report.deliveries:
            return Prose(self.label("nothing"))
        rows = [
            cells(one.name, day(one.due_on), self.day_of(one.accepted_at), self.label("yes" if one.on_time else "no"))
            for one in report.deliveries
        ]
        return Table(self.labels("delivery", "due", "accepted", "on_time"), (3, 1, 1, 1), rows)

    def said(self, name: str, value: str) -> str:
        return f"{self.label(name)}{COLONS[self.language]}{value}"

    def row(self, one: Result) -> tuple[Cell, ...]:
        notes = [one.summary] if one.summary else []
        if one.ratio is not None:
            notes.append(self.said("ratio", number(one.ratio)))
        if one.review_on is not None:
            notes.append(self.said("review", day(one.review_on)))
        verdict = _VERDICTS[one.verdict].into(self.language) if one.verdict else "–"
        actual = number(one.actual) if one.measured_on is None else f"{number(one.actual)} ({day(one.measured_on)})"
        return (
            Cell(f"{one.name} ({one.unit})", note=" · ".join(notes)),
            *cells(number(one.baseline), number(one.target), actual),
            Cell(per_cent(one.attainment), bar=bar(one.attainment)),
            *cells(verdict, money(one.benefit)),
        )
