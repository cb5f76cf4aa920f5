"""How risks are judged, major version 1: scales and what risks are made of. project-svc publishes these events."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field

from crm_contracts.base import (
    Bilingual,
    Contract,
    CurrencyCode,
    DecimalString,
    DomainEvent,
    Money,
    OwnedSnapshot,
    Snapshot,
)


class RiskLevel(StrEnum):
    """How grave a score is, by the bounds of the company's scale."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class ResponseStrategy(StrEnum):
    """What is done about a threat (PMI, *Practice Standard for Project Risk Management*)."""

    AVOID = "avoid"
    MITIGATE = "mitigate"
    TRANSFER = "transfer"
    ACCEPT = "accept"


class ActionState(StrEnum):
    """How far an action is."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


class ResponseAction(Contract):
    """Something that is done about a risk."""

    id: UUID
    title: str
    owner_id: UUID | None = None
    due_on: date | None = None
    state: ActionState = ActionState.OPEN
    cost: Money | None = None


class CostImpact(Contract):
    """What a risk costs if it strikes: three points, of which the mean is (low + 4·likely + high)/6."""

    low: DecimalString
    likely: DecimalString
    high: DecimalString
    currency: CurrencyCode


class DelayImpact(Contract):
    """By how many working minutes a risk makes each of its tasks longer if it strikes."""

    low: int
    likely: int
    high: int


class ScaleStep(Contract):
    """A step of a scale; its number is its place, from 1."""

    name: Bilingual
    value: DecimalString = Field(description="Of a probability, its share of 1; of an impact, its share of the budget.")


class RiskScaleSnapshot(Snapshot):
    """The scale by which a company judges its risks; `score` is the number of one step times that of the other."""

    probabilities: tuple[ScaleStep, ...]
    impacts: tuple[ScaleStep, ...]
    medium_from: int
    high_from: int
    critical_from: int


class RiskScaleEvent(DomainEvent[RiskScaleSnapshot]):
    """Base of the events about scales."""

    topic = "crm.risk_scale.v1"
    aggregate_type = "risk_scale"


class RiskScaleDefined(RiskScaleEvent):
    """A company judges its risks by a scale of its own from now on; `risk.assessed` follows where levels change."""

    type = "risk_scale.defined"


class RiskScaleUpdated(RiskScaleEvent):
    """A company's scale changed; `risk.assessed` follows where levels change."""

    type = "risk_scale.updated"


class RiskSimulationSnapshot(OwnedSnapshot):
    """What a Monte-Carlo simulation of a project's plan and risks came to; nothing but whose it is ever changes."""

    project_id: UUID
    customer_id: UUID
    plan_revision: int = Field(description="Of the plan that was drawn.")
    iterations: int
    seed: int
    tasks: int
    risks: int
    planned_finish: datetime
    finish_mean: datetime
    finish_p10: datetime
    finish_p50: datetime
    finish_p80: datetime
    finish_p90: datetime
    planned_cost: Money
    cost_mean: Money
    cost_p10: Money
    cost_p50: Money
    cost_p80: Money
    cost_p90: Money
    reserve: Money = Field(description="From the planned cost to the percentile that was asked for.")
    reserve_percentile: int
    on_time_percent: int | None = Field(description="In how many of a hundred draws the due date is kept.")
    within_budget_percent: int | None = Field(description="In how many of a hundred the budget is.")
    both_percent: int | None = Field(description="In how many of a hundred both are (joint confidence level).")


class RiskSimulationEvent(DomainEvent[RiskSimulationSnapshot]):
    """Base of the events about simulations."""

    topic = "crm.risk_simulation.v1"
    aggregate_type = "risk_simulation"


class RiskSimulationCompleted(RiskSimulationEvent):
    """A simulation of a project has come to its results."""

    type = "risk_simulation.completed"


class RiskSimulationMoved(RiskSimulationEvent):
    """The customer whose project it is about was merged into another, or such a merge was undone."""

    type = "risk_simulation.moved"


class RiskRuleSnapshot(Snapshot):
    """State of a rule that raises a risk where an expression is true of a project's figures."""

    code: str
    title: Bilingual = Field(description="Of the risks that it raises.")
    category: str
    expression: str = Field(description="A condition in CEL that is true where there is a risk.")
    probability: int = Field(description="1 to 5; fitted to the company's scale.")
    impact: int = Field(description="1 to 5; fitted to the company's scale.")
    language: str = Field(description="Of the titles.")
    enabled: bool


class RiskRuleEvent(DomainEvent[RiskRuleSnapshot]):
    """Base of the events about rules."""

    topic = "crm.risk_rule.v1"
    aggregate_type = "risk_rule"


class RiskRuleCreated(RiskRuleEvent):
    """A rule was defined."""

    type = "risk_rule.created"


class RiskRuleUpdated(RiskRuleEvent):
    """A rule changed."""

    type = "risk_rule.updated"


class RiskRuleDeleted(RiskRuleEvent):
    """A rule is no more; the risks that it raised stay."""

    type = "risk_rule.deleted"


EVENTS: tuple[type[DomainEvent[Any]], ...] = (
    RiskScaleDefined,
    RiskScaleUpdated,
    RiskSimulationCompleted,
    RiskSimulationMoved,
    RiskRuleCreated,
    RiskRuleUpdated,
    RiskRuleDeleted,
)
