"""What clients send and get."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from crm_contracts.base import DecimalString, Money
from crm_contracts.project.v1 import RiskCategory, RiskStatus
from crm_contracts.risk.v1 import (
    ActionState,
    CostImpact,
    DelayImpact,
    ResponseAction,
    ResponseStrategy,
    RiskLevel,
)
from crm_platform.http.fields import NUMERIC, Currency, Day, LongText, Name, Price, absent
from crm_platform.http.validation_messages import refusal
from crm_platform.words import Words

Step = Annotated[
    int,
    Field(ge=1, le=7, description="A step of the company's scale: from 1, very low, to 5, unless it says otherwise."),
    NUMERIC,
]
Percent = Annotated[int, Field(ge=0, le=100), NUMERIC]
Minutes = Annotated[int, Field(ge=0, le=5_256_000, description="Working minutes."), NUMERIC]
Cost = Annotated[DecimalString, Field(ge=0)]
Tasks = Annotated[tuple[UUID, ...], Field(max_length=500)]

_EMPTY = Words("Give at least one of probability, impact and response", "请至少填写 probability、impact、response 之一")
_NO_PLAN = Words("Say what is done, or what will be left of the risk", "请填写应对措施或剩余风险")
_FALLING = Words("low, likely and high have to rise", "low、likely、high 必须递增")
_HALF = Words("Give both residual steps, or neither", "residual_probability 与 residual_impact 须同时填写")


class CostEstimate(BaseModel):
    """What a risk costs if it strikes."""

    model_config = ConfigDict(extra="forbid")

    low: Cost
    likely: Cost
    high: Cost
    currency: Currency

    @model_validator(mode="after")
    def rises(self) -> Self:
        """Refuse points that fall."""
        if not self.low <= self.likely <= self.high:
            raise refusal("estimate_not_rising", _FALLING)
        return self


class DelayEstimate(BaseModel):
    """By how many working minutes a risk makes each of its tasks longer if it strikes."""

    model_config = ConfigDict(extra="forbid")

    low: Minutes
    likely: Minutes
    high: Minutes

    @model_validator(mode="after")
    def rises(self) -> Self:
        """Refuse points that fall."""
        if not self.low <= self.likely <= self.high:
            raise refusal("estimate_not_rising", _FALLING)
        return self


class Effects(BaseModel):
    """What a risk does if it strikes; for its expected cost, and for simulations."""

    model_config = ConfigDict(extra="forbid")

    likelihood_percent: Percent | None = Field(default=None, description="Null for that of the step of probability.")
    cost_impact: CostEstimate | None = None
    delay_impact: DelayEstimate | None = None
    task_ids: Tasks = Field(default=(), description="The tasks of the plan that it makes longer.")

    def effects(self) -> dict[str, Any]:
        """Those that were sent, as they are kept."""
        sent = self.model_fields_set & Effects.model_fields.keys()
        values = {name: getattr(self, name) for name in sent}
        for name, kept in (("cost_impact", CostImpact), ("delay_impact", DelayImpact)):
            if values.get(name) is not None:
                values[name] = kept(**dict(values[name]))
        return values


class RiskCreate(Effects):
    """A new risk of a project."""

    project_id: UUID
    title: Name
    category: RiskCategory
    probability: Step
    impact: Step


class Assessment(Effects):
    """How a risk is judged now; what is absent stays as it was."""

    probability: Step | None = None
    impact: Step | None = None
    response: LongText | None = Field(default=None, description="What is done about it; the risk is `mitigating` then.")
    reason: LongText | None = None

    @model_validator(mode="after")
    def says_something(self) -> Self:
        """Refuse an assessment of nothing."""
        if self.probability is None and self.impact is None and self.response is None and not self.effects():
            raise refusal("empty_assessment", _EMPTY)
        return self

    def changes(self) -> dict[str, Any]:
        """What is judged anew."""
        judged = {name: getattr(self, name) for name in ("probability", "impact", "response")}
        return self.effects() | {name: value for name, value in judged.items() if value is not None}


class PlannedAction(BaseModel):
    """Something that is done about a risk."""

    model_config = ConfigDict(extra="forbid")

    id: UUID | None = Field(default=None, description="Of an action that was there before; null for a new one.")
    title: Name
    owner_id: UUID | None = None
    due_on: Day | None = None
    state: ActionState = ActionState.OPEN
    cost: Price | None = None


class ResponsePlan(BaseModel):
    """What is done about a risk, and what will be left of it; what is absent stays as it was."""

    model_config = ConfigDict(extra="forbid")

    strategy: ResponseStrategy = Field(default_factory=absent)
    actions: Annotated[tuple[PlannedAction, ...], Field(max_length=50)] = Field(
        default_factory=absent, description="All of them: those that are not here are no more."
    )
    residual_probability: Step | None = Field(default=None, description="As it will be after the response.")
    residual_impact: Step | None = Field(default=None, description="As it will be after the response.")
    reason: LongText | None = None

    @model_validator(mode="after")
    def says_something(self) -> Self:
        """Refuse a plan of nothing, and half of what is left."""
        if not self.model_fields_set - {"reason"}:
            raise refusal("empty_response", _NO_PLAN)
        if (self.residual_probability is None) != (self.residual_impact is None):
            raise refusal("half_residual", _HALF)
        return self


class RiskClosing(BaseModel):
    """How a risk ended."""

    model_config = ConfigDict(extra="forbid")

    struck: bool | None = Field(default=None, description="Whether it happened.")
    reason: LongText | None = None


class RiskRead(BaseModel):
    """A risk; `score` is probability times impact, `exceeded` whether it reaches `threshold`."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    owner_id: UUID | None
    team_id: UUID | None
    project_id: UUID
    customer_id: UUID
    title: str
    category: RiskCategory
    probability: int
    impact: int
    score: int
    threshold: int
    exceeded: bool
    response: str | None
    status: RiskStatus
    level: RiskLevel
    strategy: ResponseStrategy | None
    actions: list[ResponseAction]
    residual_probability: int | None
    residual_impact: int | None
    residual_score: int | None
    residual_level: RiskLevel | None
    likelihood_percent: int | None
    cost_impact: CostImpact | None
    delay_impact: DelayImpact | None
    task_ids: list[UUID]
    expected_cost: Money | None = Field(description="Likelihood times (low + 4·likely + high)/6 of `cost_impact`.")
    rule_id: UUID | None = Field(description="The rule that raised it.")
    close_suggested: bool = Field(description="What that rule looks at is good again.")
    struck: bool | None = Field(description="Whether it happened; null while it is open, and where nobody has said.")


class RiskMatrixCell(BaseModel):
    """How many risks that are not closed have this probability and this impact."""

    probability: int
    impact: int
    score: int
    exceeded: bool = Field(description="Risks here reach the project's threshold.")
    count: int
    level: RiskLevel = Field(description="By the company's scale.")


class RiskMatrix(BaseModel):
    """The risks of a project on a grid: 25 cells or as many as the scale has, from most to least probable."""

    project_id: UUID
    threshold: int
    total: int
    cells: list[RiskMatrixCell]
    expected_costs: list[Money] = Field(
        description="The reserve by expected monetary value: of the risks that are not closed, by currency."
    )
