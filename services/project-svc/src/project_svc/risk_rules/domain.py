"""A rule over the figures of projects, and what becomes of the risks that it has raised."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from crm_contracts.base import Bilingual
from crm_contracts.project.v1 import RiskCategory
from crm_platform.aggregate import AggregateState
from crm_platform.words import Words

NOUN = Words("risk rule", "风险规则")

MAX_RULES = 100
"""Rules of one company; each is held against each of its active projects."""

Figures = Mapping[str, int | Decimal]
"""Named numbers of a project; one that is not there is null."""


class RiskRule(AggregateState):
    """A condition that is true where there is a risk, and the risk that it is."""

    code: str
    title: Bilingual
    category: RiskCategory
    expression: str
    probability: int
    impact: int
    language: str = "zh"
    enabled: bool = True

    @property
    def risk_title(self) -> str:
        """What the risks that it raises are called."""
        return self.title.zh if self.language == "zh" else self.title.en


class Raised(Protocol):
    """A risk that is not closed and that a rule has raised."""

    @property
    def project_id(self) -> UUID:
        """Of which project it is."""
        ...

    @property
    def rule_id(self) -> UUID | None:
        """Which rule that was."""
        ...

    @property
    def close_suggested(self) -> bool:
        """Whether it is known that it could be closed."""
        ...


@dataclass(slots=True)
class Verdict:
    """What follows from one look at some projects.

    Attributes:
        raised: Pairs of project and rule that need a risk.
        over: Places of the risks that could be closed.
        back: Places of the risks that could have been closed, and no longer can.
    """

    raised: list[tuple[UUID, UUID]] = field(default_factory=list)
    over: list[int] = field(default_factory=list)
    back: list[int] = field(default_factory=list)


def judged(bad: Iterable[tuple[UUID, UUID]], rules: Iterable[UUID], known: Iterable[Raised]) -> Verdict:
    """What follows from where rules find that things are bad.

    Args:
        bad: Pairs of project and rule.
        rules: All that were asked; risks of others stay as they are.
        known: The risks that rules have raised in these projects and that are not closed.
    """
    verdict, asked, wanting = Verdict(), set(rules), dict.fromkeys(bad)
    for place, risk in enumerate(known):
        if risk.rule_id is None or risk.rule_id not in asked:
            continue
        is_bad = (risk.project_id, risk.rule_id) in wanting
        wanting.pop((risk.project_id, risk.rule_id), None)
        if is_bad == risk.close_suggested:
            (verdict.back if is_bad else verdict.over).append(place)
    verdict.raised = list(wanting)
    return verdict
