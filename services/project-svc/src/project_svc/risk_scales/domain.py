"""The scale of a company: steps of probability and impact, and from which score on a risk is how grave."""

from decimal import Decimal
from uuid import UUID

from crm_contracts.base import Bilingual
from crm_contracts.risk.v1 import RiskLevel, ScaleStep
from crm_platform.aggregate import AggregateState
from crm_platform.words import Words

NOUN = Words("risk scale", "风险分级")

_READY_MADE_STEPS = 5
"""What scores of templates are made for."""


def _steps(*steps: tuple[str, str, str]) -> tuple[ScaleStep, ...]:
    return tuple(ScaleStep(name=Bilingual(en=en, zh=zh), value=Decimal(value)) for en, zh, value in steps)


class RiskScale(AggregateState):
    """A scale; without one of its own a company has this, with the values of PMI's matrix (PMBOK Guide, 5th ed.)."""

    probabilities: tuple[ScaleStep, ...] = _steps(
        ("Very low", "很低", "0.1"),
        ("Low", "低", "0.3"),
        ("Medium", "中", "0.5"),
        ("High", "高", "0.7"),
        ("Very high", "很高", "0.9"),
    )
    impacts: tuple[ScaleStep, ...] = _steps(
        ("Very low", "很低", "0.05"),
        ("Low", "低", "0.1"),
        ("Medium", "中", "0.2"),
        ("High", "高", "0.4"),
        ("Very high", "很高", "0.8"),
    )
    medium_from: int = 5
    high_from: int = 10
    critical_from: int = 15

    def level(self, score: int) -> RiskLevel:
        """How grave a score is."""
        if score >= self.critical_from:
            return RiskLevel.CRITICAL
        if score >= self.high_from:
            return RiskLevel.HIGH
        return RiskLevel.MEDIUM if score >= self.medium_from else RiskLevel.LOW

    def likelihood(self, probability: int) -> Decimal:
        """The share of 1 that a step of probability stands for."""
        return self.probabilities[probability - 1].value

    def fitted(self, probability: int, impact: int) -> tuple[int, int]:
        """Steps of five, as templates have them, on this scale; rounded up."""
        return _fitted(probability, self.probabilities), _fitted(impact, self.impacts)


def _fitted(step: int, steps: tuple[ScaleStep, ...]) -> int:
    return -(-step * len(steps) // _READY_MADE_STEPS)


READY_MADE = RiskScale(id=UUID(int=0))
"""What a company without a scale of its own has."""
