"""Rules of risks: their life cycle, their score, and when they need attention."""

from dataclasses import dataclass
from uuid import UUID

from crm_contracts.project.v1 import RiskCategory, RiskStatus
from crm_platform.aggregate import OwnedState
from crm_platform.statemachine import StateMachine
from crm_platform.words import Words

NOUN = Words("risk", "风险")

LIFE_CYCLE: StateMachine[RiskStatus] = StateMachine(
    what=NOUN,
    initial=RiskStatus.OPEN,
    transitions={
        (RiskStatus.OPEN, "assess"): RiskStatus.OPEN,
        (RiskStatus.OPEN, "mitigate"): RiskStatus.MITIGATING,
        (RiskStatus.OPEN, "close"): RiskStatus.CLOSED,
        (RiskStatus.MITIGATING, "assess"): RiskStatus.MITIGATING,
        (RiskStatus.MITIGATING, "close"): RiskStatus.CLOSED,
    },
)
"""``mitigate`` is part of the first assessment that says what is done about the risk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Threat:
    """What is known about a risk before it is in the register; probability and impact from 1 to 5."""

    title: str
    category: RiskCategory
    probability: int
    impact: int


class Risk(OwnedState):
    """Something that may happen to a project; ``score`` is probability times impact."""

    project_id: UUID
    customer_id: UUID
    title: str
    category: RiskCategory
    probability: int
    impact: int
    score: int
    threshold: int
    exceeded: bool = False
    response: str | None = None
    status: RiskStatus = LIFE_CYCLE.initial

    def evaluated(self) -> "Risk":
        """The risk with its score held against its threshold."""
        score = self.probability * self.impact
        return self.with_(score=score, exceeded=score >= self.threshold)

    def assessed(
        self, *, probability: int | None = None, impact: int | None = None, response: str | None = None
    ) -> "Risk":
        """The risk after a new assessment; what is None stays.

        Raises:
            InvalidTransition: It is closed.
        """
        status = LIFE_CYCLE.after(self.status, "assess")
        if response is not None and status is RiskStatus.OPEN:
            status = LIFE_CYCLE.after(status, "mitigate")
        changed = self.with_(
            probability=probability or self.probability,
            impact=impact or self.impact,
            response=response or self.response,
            status=status,
        )
        return changed.evaluated()

    def alarms(self, before: "Risk") -> bool:
        """Whether somebody has to be told: it is over the threshold, and was not before or has risen further."""
        return self.exceeded and (not before.exceeded or self.score > before.score)

    def closed(self) -> "Risk":
        """The risk when it is over.

        Raises:
            InvalidTransition: It was closed before.
        """
        return self.with_(status=LIFE_CYCLE.after(self.status, "close"))
