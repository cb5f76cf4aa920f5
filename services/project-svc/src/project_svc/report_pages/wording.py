"""An outcome report as texts in one language, which HTML and PDF show alike."""

from dataclasses import dataclass

from project_svc.report_pages.report import (
    LABELS,
    TITLE,
    VERDICTS,
    Report,
    Result,
    bar,
    day,
    money,
    number,
    per_cent,
)

_COLONS = {"en": ": ", "zh": "\uff1a"}


@dataclass(frozen=True, slots=True)
class Row:
    """An outcome in the table: its cells, the length of its bar in per cent, and what is said of it."""

    cells: tuple[str, ...]
    bar: int
    note: str


class Wording:
    """A report, worded.

    Args:
        report: What it says.
        language: ``en`` or ``zh``.
    """

    bar_at = 4
    """Which cell of an outcome has the bar."""

    def __init__(self, report: Report, language: str) -> None:
        self.language = language
        self.html_language = "zh-CN" if language == "zh" else "en"
        self.title = TITLE.into(language)
        self.project = report.project
        self.result_head = self._labels("indicator", "baseline", "target", "actual", "attainment", "verdict", "benefit")
        self.delivery_head = self._labels("delivery", "due", "accepted", "on_time")
        self.facts = self._facts(report)
        self.voice = self._voice(report)
        self.results = tuple(self._row(one) for one in report.results)
        self.delivery_rows = tuple(
            (one.name, day(one.due_on), day(one.accepted_on), self.label("yes" if one.on_time else "no"))
            for one in report.deliveries
        )
        self.lessons = tuple(lesson for one in report.results for lesson in one.lessons)

    def label(self, name: str) -> str:
        """A label in the report's language."""
        return LABELS[name].into(self.language)

    def _labels(self, *names: str) -> tuple[str, ...]:
        return tuple(self.label(name) for name in names)

    def _facts(self, report: Report) -> tuple[tuple[str, str], ...]:
        facts = (
            ("customer", report.customer or "–"),
            ("period", f"{day(report.starts_on)} – {day(report.due_on)}"),
            ("completed", day(report.completed_at)),
            ("made", day(report.made_at)),
        )
        return tuple((self.label(name), value) for name, value in facts)

    def _voice(self, report: Report) -> tuple[tuple[str, str], ...]:
        return (
            (self.label("answers"), str(report.answers)),
            (self.label("satisfaction"), per_cent(report.satisfaction)),
            (self.label("loyalty"), per_cent(report.loyalty)),
        )

    def _said(self, name: str, value: str) -> str:
        return f"{self.label(name)}{_COLONS[self.language]}{value}"

    def _row(self, one: Result) -> Row:
        notes = [one.summary] if one.summary else []
        if one.ratio is not None:
            notes.append(self._said("ratio", number(one.ratio)))
        if one.review_on is not None:
            notes.append(self._said("review", day(one.review_on)))
        verdict = VERDICTS[one.verdict].into(self.language) if one.verdict else "–"
        actual = number(one.actual) if one.measured_on is None else f"{number(one.actual)} ({day(one.measured_on)})"
        cells = (
            f"{one.name} ({one.unit})",
            number(one.baseline),
            number(one.target),
            actual,
            per_cent(one.attainment),
            verdict,
            money(one.benefit),
        )
        return Row(cells, bar(one.attainment), " · ".join(notes))
