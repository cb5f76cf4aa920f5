"""Rules of risks: their life cycle, their score, and when they need attention."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from crm_contracts.base import Money
from crm_contracts.project.v1 import RiskCategory, RiskStatus
from crm_contracts.risk.v1 import CostImpact, DelayImpact, ResponseAction, ResponseStrategy, RiskLevel
from crm_platform.aggregate import OwnedState
from crm_platform.currencies import minor_unit
from crm_platform.statemachine import StateMachine
from crm_platform.words import Words

NOUN = Words("risk", "风险")

LIFE_CYCLE: StateMachine[RiskStatus] = StateMachine(
    what=NOUN,
    initial=RiskStatus.OPEN,
    transitions={
        (RiskStatus.OPEN, "assess"): RiskStatus.OPEN,
        (RiskStatus.OPEN, "respond"): RiskStatus.OPEN,
        (RiskStatus.OPEN, "mitigate"): RiskStatus.MITIGATING,
        (RiskStatus.OPEN, "close"): RiskStatus.CLOSED,
        (RiskStatus.MITIGATING, "assess"): RiskStatus.MITIGATING,
        (RiskStatus.MITIGATING, "respond"): RiskStatus.MITIGATING,
        (RiskStatus.MITIGATING, "close"): RiskStatus.CLOSED,
    },
)
"""``mitigate`` is part of the first assessment or response that says what is done about the risk."""


class Scale(Protocol):
    """By what risks are judged."""

    def level(self, score: int) -> RiskLevel:
        """How grave a score is."""
        ...

    def likelihood(self, probability: int) -> Decimal:
        """The share of 1 that a step of probability stands for."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Threat:
    """What is known about a risk before it is in the register.

    Attributes:
        title: What may happen.
        category: What it is about.
        probability: A step of the ready-made scale, 1 to 5; it is fitted to that of the company.
        impact: As ``probability``.
        rule_id: The rule that raises it.
    """

    title: str
    category: RiskCategory
    probability: int
    impact: int
    rule_id: UUID | None = None


class Risk(OwnedState):
    """Something that may happen to a project; ``score`` is probability times impact, both steps of a scale."""

    project_id: UUID
    customer_id: UUID
    title: str
    category: RiskCategory
    probability: int
    impact: int
    score: int = 0
    threshold: int
    exceeded: bool = False
    response: str | None = None
    status: RiskStatus = LIFE_CYCLE.initial
    level: RiskLevel = RiskLevel.LOW
    strategy: ResponseStrategy | None = None
    actions: tuple[ResponseAction, ...] = ()
    residual_probability: int | None = None
    residual_impact: int | None = None
    residual_score: int | None = None
    residual_level: RiskLevel | None = None
    likelihood_percent: int | None = None
    cost_impact: CostImpact | None = None
    delay_impact: DelayImpact | None = None
    task_ids: tuple[UUID, ...] = ()
    expected_cost: Money | None = None
    rule_id: UUID | None = None
    close_suggested: bool = False
    struck: bool | None = None

    def graded(self, scale: Scale) -> "Risk":
        """The risk with what follows from its steps on ``scale``, not held against its threshold."""
        score = self.probability * self.impact
        left = None
        if self.residual_probability is not None and self.residual_impact is not None:
            left = self.residual_probability * self.residual_impact
        return self.with_(
            score=score,
            level=scale.level(score),
            residual_score=left,
            residual_level=None if left is None else scale.level(left),
            expected_cost=self._expected(scale),
        )

    def evaluated(self) -> "Risk":
        """The risk with its score held against its threshold."""
        return self.with_(exceeded=self.score >= self.threshold)

    def assessed(self, scale: Scale, **changes: Any) -> "Risk":
        """The risk after a new assessment on ``scale``; what is not in ``changes`` stays.

        Raises:
            InvalidTransition: It is closed.
        """
        status = LIFE_CYCLE.after(self.status, "assess")
        if changes.get("response") is not None and status is RiskStatus.OPEN:
            status = LIFE_CYCLE.after(status, "mitigate")
        return self.with_(**changes, status=status).graded(scale).evaluated()

    def responded(self, scale: Scale, **changes: Any) -> "Risk":
        """The risk after another plan of what is done about it.

        Raises:
            InvalidTransition: It is closed.
        """
        status = LIFE_CYCLE.after(self.status, "respond")
        after = self.with_(**changes)
        acts = after.strategy not in {None, ResponseStrategy.ACCEPT}
        if acts and status is RiskStatus.OPEN:
            status = LIFE_CYCLE.after(status, "mitigate")
        return after.with_(status=status).graded(scale)

    def alarms(self, before: "Risk") -> bool:
        """Whether somebody has to be told: it is over the threshold, and was not before or has risen further."""
        return self.exceeded and (not before.exceeded or self.score > before.score)

    def closed(self, *, struck: bool | None = None) -> "Risk":
        """The risk when it is over, and whether it has struck, as far as somebody says.

        Raises:
            InvalidTransition: It was closed before.
        """
        return self.with_(status=LIFE_CYCLE.after(self.status, "close"), struck=struck)

    def likelihood(self, scale: Scale) -> Decimal:
        """How probable it is, from 0 to 1."""
        if self.likelihood_percent is None:
            return scale.likelihood(self.probability)
        return Decimal(self.likelihood_percent) / 100

    def _expected(self, scale: Scale) -> Money | None:
        """Expected monetary value (PMI): likelihood times mean, that of a PERT estimate."""
        cost = self.cost_impact
        if cost is None:
            return None
        mean = (cost.low + 4 * cost.likely + cost.high) / 6
        return Money(amount=(self.likelihood(scale) * mean).quantize(minor_unit(cost.currency)), currency=cost.currency)
