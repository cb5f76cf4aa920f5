"""A closing report as texts in one language."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from crm_contracts.closing.v1 import Signature
from crm_platform.days import day_of
from project_svc.report_pages.closing import (
    ChangeLine,
    ClosingContent,
    DeliveryLine,
    EarnedValue,
    IssueLine,
    LateTask,
    LessonLine,
    OutcomeLine,
)
from project_svc.report_pages.closing_labels import LABELS, TITLE, VALUES
from project_svc.report_pages.layout import Block, Bullets, Cell, Facts, Prose, Report, Section, Table, cells
from project_svc.report_pages.words import COLONS, NOTHING, bar, day, money, number, per_cent

T = TypeVar("T")
Row = Sequence[Cell]
_HOUR, _DAY = Decimal(60), timedelta(days=1)
_PLACES = Decimal("0.01")


def worded(
    content: ClosingContent, *, report: int, digest: str, signatures: Sequence[Signature], language: str
) -> Report:
    """A closing report, worded.

    Args:
        content: What it says.
        report: Its number.
        digest: Of its content.
        signatures: Who has to sign it, and who has.
        language: ``en`` or ``zh``.
    """
    words = _Words(content, language)
    return Report(TITLE.into(language), content.project, language, words.facts(report, digest), words.all(signatures))


class _Words:
    def __init__(self, content: ClosingContent, language: str) -> None:
        self.content, self.language, self.zone = content, language, ZoneInfo(content.time_zone)

    def day_of(self, moment: datetime | None) -> str:
        return day(None if moment is None else day_of(moment, self.zone))

    def label(self, name: str) -> str:
        return LABELS[name].into(self.language)

    def labels(self, names: str) -> tuple[str, ...]:
        return tuple(self.label(name) for name in names.split())

    def value(self, name: str | None) -> str:
        return NOTHING if name is None else VALUES[name].into(self.language)

    def yes(self, truth: bool | None) -> str:
        return NOTHING if truth is None else self.label("yes" if truth else "no")

    def named(self, pairs: Iterable[tuple[str, str]]) -> Facts:
        return Facts([(self.label(name), value) for name, value in pairs])

    def person(self, id: UUID) -> str:
        return self.content.people.get(id, str(id))

    def facts(self, report: int, digest: str) -> Facts:
        of = self.content
        return self.named(
            (
                ("customer", of.customer or NOTHING),
                ("contract", of.contract_reference or NOTHING),
                ("status", self.value(of.status)),
                ("period", f"{day(of.starts_on)} – {day(of.due_on)}"),
                ("completed", self.day_of(of.completed_at)),
                ("number", str(report)),
                ("made", self.day_of(of.made_at)),
                ("digest", digest),
            )
        )

    def all(self, signatures: Sequence[Signature]) -> list[Section]:
        of = self.content
        sections = [
            self.section("summary", [Prose(of.summary)]),
            self.section("charter", self.charter()),
            self.section("verdicts", [self.verdicts()]),
            self.section("dates", self.dates()),
            self.section("late", [self.late_tasks()]),
            self.section("money", self.money()),
            self.listed("deliveries", "delivery status due submissions accepted on_time open_points", self.delivery),
            self.section("gates", [self.gates()]),
            self.listed("changes", "change category status finish_delta cost_delta", self.change),
            self.section("risks", [self.risks()]),
            self.listed("issues", "issue kind severity status resolved", self.issue),
            self.listed("outcomes", "indicator start_value target actual attainment verdict review", self.outcome),
            self.section("lessons", [self.lessons()]),
            self.section("team", [self.team()]),
            self.section("signatures", [self.signed(signatures)]),
        ]
        return [self.noted(section, name) for section, name in zip(sections, _NAMES, strict=True)]

    def section(self, name: str, blocks: Sequence[Block]) -> Section:
        return Section(self.label(name), blocks)

    def noted(self, section: Section, name: str) -> Section:
        if name not in self.content.more:
            return section
        return Section(section.heading, [*section.blocks, Prose(self.label("more"))])

    def table(self, head: str, rows: Sequence[Row], *, last: float = 1) -> Table | Prose:
        names = self.labels(head)
        widths = (3, *[1] * (len(names) - 2), last)
        return Table(names, widths, rows) if rows else Prose(self.label("nothing"))

    def listed(self, name: str, head: str, row: Callable[[T], Row]) -> Section:
        return self.section(name, [self.table(head, [row(one) for one in getattr(self.content, name)])])

    def charter(self) -> list[Block]:
        blocks: list[Block] = []
        for name in ("objectives", "scope_in", "scope_out"):
            points: tuple[str, ...] = getattr(self.content, name)
            if points:
                blocks += [Prose(self.label(name)), Bullets(points)]
        return blocks or [Prose(self.label("nothing"))]

    def verdicts(self) -> Table | Prose:
        rows = [
            (Cell(one.criterion, note=one.comment or ""), Cell(self.value(one.finding)))
            for one in self.content.verdicts
        ]
        return self.table("criterion finding", rows)

    def dates(self) -> list[Block]:
        progress = self.content.progress
        facts = (
            ("tasks", f"{progress.finished} / {progress.total}"),
            ("began", self.day_of(progress.began_at)),
            ("ended", self.day_of(progress.ended_at)),
        )
        rows = [
            cells(
                f"{one.number} · {one.name}",
                self.day_of(one.starts_at),
                self.day_of(one.finishes_at),
                money(one.cost),
                NOTHING if one.change is None else str(one.change),
            )
            for one in self.content.baselines
        ]
        return [self.named(facts), self.table("baseline starts finishes cost change", rows)]

    def late_tasks(self) -> Table | Prose:
        return self.table("task planned actual days", [self.late(one) for one in self.content.late])

    def late(self, one: LateTask) -> Row:
        days = max(1, -(-(one.actual - one.planned) // _DAY))
        return cells(one.name, self.day_of(one.planned), self.day_of(one.actual), str(days))

    def money(self) -> list[Block]:
        of = self.content
        spent = " · ".join(money(one) for one in of.spent) or NOTHING
        facts = [("budget", money(of.budget)), ("spent", spent)]
        return [self.named(facts + (self.earned(of.value) if of.value else []))]

    def earned(self, value: EarnedValue) -> list[tuple[str, str]]:
        amounts = [
            (name, f"{number(getattr(value, name))} {value.currency}") for name in ("bac", "pv", "ev", "ac", "sv", "cv")
        ]
        indices = (value.spi, value.cpi, value.spi_of_time)
        return [*amounts, ("spi", " · ".join(number(one and one.quantize(_PLACES)) for one in indices))]

    def delivery(self, one: DeliveryLine) -> Row:
        dates = day(one.due_on), str(one.submissions), self.day_of(one.accepted_at)
        return cells(one.name, self.value(one.status), *dates, self.yes(one.on_time), str(one.open_points))

    def gates(self) -> Table | Prose:
        rows = [
            cells(
                one.name, self.value(one.kind), self.value(one.status), str(one.reviews), self.day_of(one.reviewed_at)
            )
            for one in self.content.gates
        ]
        return self.table("gate kind status reviews reviewed", rows)

    def change(self, one: ChangeLine) -> Row:
        hours = NOTHING if one.finish_delta is None else number((one.finish_delta / _HOUR).quantize(_PLACES))
        status = self.value(one.category), self.value(one.status)
        return cells(f"{one.number} · {one.title}", *status, hours, money(one.cost_delta))

    def risks(self) -> Table | Prose:
        rows = [
            cells(
                one.title,
                self.value(one.category),
                self.value(one.level),
                self.value(one.status),
                self.yes(one.struck),
            )
            for one in self.content.risks
        ]
        return self.table("risk category level status struck", rows)

    def issue(self, one: IssueLine) -> Row:
        rest = cells(
            self.value(one.kind), self.value(one.severity), self.value(one.status), self.day_of(one.resolved_at)
        )
        return (Cell(one.title, note=one.resolution or ""), *rest)

    def outcome(self, one: OutcomeLine) -> Row:
        return (
            *cells(f"{one.name} ({one.unit})", number(one.baseline), number(one.target), number(one.actual)),
            Cell(per_cent(one.attainment), bar=bar(one.attainment)),
            *cells(self.value(one.verdict), day(one.review_on)),
        )

    def lessons(self) -> Table | Prose:
        rows = [self.lesson(one) for one in self.content.lessons]
        return self.table("lesson finding category recommendation", rows, last=3)

    def lesson(self, one: LessonLine) -> Row:
        why = f"\n{self.label('cause')}{COLONS[self.language]}{one.cause}" if one.cause else ""
        kinds = cells(self.value(one.effect), self.value(one.category))
        return (Cell(one.title, note=one.happened + why), *kinds, Cell(one.recommendation))

    def team(self) -> Facts:
        of = self.content
        manager = NOTHING if of.manager_id is None else self.person(of.manager_id)
        members = ", ".join(self.person(id) for id in of.member_ids) or NOTHING
        return self.named((("manager", manager), ("members", members)))

    def signed(self, signatures: Sequence[Signature]) -> Table | Prose:
        rows = [
            (
                Cell(self.person(one.signer_id), note=one.comment or ""),
                Cell(self.value(one.decision)),
                Cell(self.day_of(one.decided_at)),
            )
            for one in signatures
        ]
        return self.table("signer decision decided", rows)


_NAMES = (
    *(
        "summary",
        "charter",
        "verdicts",
        "baselines",
        "late",
        "money",
        "deliveries",
        "gates",
        "changes",
        "risks",
        "issues",
    ),
    *("outcomes", "lessons", "team", "signatures"),
)
"""The lists of the content that the sections show."""
