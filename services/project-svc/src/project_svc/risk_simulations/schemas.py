"""What clients send and get."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from crm_contracts.base import Money
from crm_platform.http.fields import NUMERIC
from project_svc.simulation.spreads import Shape

Percent = Annotated[int, Field(ge=1, le=99), NUMERIC]


class CorrelationGroup(BaseModel):
    """Tasks (by their own durations) and risks (by whether they strike) that rise and fall together."""

    model_config = ConfigDict(extra="forbid")

    between: Annotated[tuple[UUID, ...], Field(min_length=2, max_length=1000)] = Field(
        description="Ids of tasks and risks; each two of them correlate."
    )
    coefficient: float = Field(ge=-1, le=1, description="Rank correlation (Spearman).")


class SimulationRequest(BaseModel):
    """How a project's plan and risks are drawn."""

    model_config = ConfigDict(extra="forbid")

    iterations: Annotated[int, Field(ge=100, le=100_000), NUMERIC] = 10_000
    seed: Annotated[int, Field(ge=0, le=2_147_483_647), NUMERIC] = Field(
        default=1, description="Equal plans, risks and seeds have equal results."
    )
    shape: Shape = Field(default=Shape.PERT, description="Of the tasks' three-point estimates.")
    spread_percent: Annotated[int, Field(ge=0, le=90), NUMERIC] = Field(
        default=0,
        description="How much less, and how much twice as much longer, a task without an estimate may take.",
    )
    task_correlation: float = Field(
        default=0, ge=0, lt=1, description="Rank correlation of all tasks with each other, where none is said below."
    )
    correlations: Annotated[tuple[CorrelationGroup, ...], Field(max_length=100)] = ()
    reserve_percentile: Percent = Field(default=80, description="Up to which percentile of the cost money is reserved.")


class Simulate(SimulationRequest):
    """What the operation needs to know."""

    project_id: UUID


class RiskSimulationRead(BaseModel):
    """What a simulation came to."""

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
    plan_revision: int
    iterations: int
    seed: int
    tasks: int = Field(description="How many of the plan were drawn.")
    risks: int = Field(description="How many that are not closed were drawn.")
    planned_finish: datetime = Field(description="Without chance.")
    finish_mean: datetime
    finish_p10: datetime
    finish_p50: datetime
    finish_p80: datetime = Field(description="The moment by which eight of ten draws have ended.")
    finish_p90: datetime
    planned_cost: Money = Field(description="Without chance: of tasks alone.")
    cost_mean: Money
    cost_p10: Money
    cost_p50: Money
    cost_p80: Money
    cost_p90: Money
    reserve: Money = Field(description="Contingency: from the planned cost to `reserve_percentile`.")
    reserve_percentile: int
    on_time_percent: int | None = Field(description="In how many of a hundred draws the project ends by its due date.")
    within_budget_percent: int | None = Field(description="In how many of a hundred it costs no more than its budget.")
    both_percent: int | None = Field(description="In how many of a hundred both (joint confidence level).")


class MomentBin(BaseModel):
    """A bar of a histogram over time."""

    begin: datetime
    end: datetime
    count: int


class MoneyBin(BaseModel):
    """A bar of a histogram over money."""

    begin: str
    end: str
    count: int


class FinishDistribution(BaseModel):
    """When the plan ends."""

    mean: datetime
    planned: datetime
    planned_confidence: float = Field(description="Share of the draws that end no later than planned.")
    curve: list[datetime] = Field(description="P0 to P100: the S-curve.")
    histogram: list[MomentBin]
    deviation_minutes: int = Field(description="Standard deviation, in minutes by the clock.")


class CostDistribution(BaseModel):
    """What the plan costs, in the currency of the plan."""

    mean: str
    planned: str
    planned_confidence: float = Field(description="Share of the draws that cost no more than planned.")
    curve: list[str] = Field(description="P0 to P100: the S-curve.")
    histogram: list[MoneyBin]
    deviation: str = Field(description="Standard deviation.")


class SimulatedTask(BaseModel):
    """What a task does to the plan."""

    task_id: UUID
    name: str
    criticality: float = Field(description="Share of the draws in which it is critical.")
    cruciality: float = Field(description="Rank correlation of its duration with the finish.")
    deadline_kept: float | None = Field(description="Share of the draws that keep its deadline; null without one.")


class TornadoBar(BaseModel):
    """What finish or cost depend on: means of the draws in which it is least, or does not strike, and the contrary."""

    id: UUID
    kind: Literal["task", "risk"]
    name: str
    correlation: float = Field(description="Rank correlation with the result.")
    share: float = Field(description="Squared correlation, of the sum over all.")
    low: datetime | str
    high: datetime | str


class RiskSimulationDetails(BaseModel):
    """Curves, bars and tasks of a simulation."""

    finish: FinishDistribution
    cost: CostDistribution
    tasks: list[SimulatedTask]
    finish_tornado: list[TornadoBar] = Field(description="The 20 with the widest share.")
    cost_tornado: list[TornadoBar] = Field(description="The 20 with the widest share.")


class Chart(StrEnum):
    """What of a simulation is drawn."""

    FINISH = "finish"
    COST = "cost"
    FINISH_TORNADO = "finish-tornado"
    COST_TORNADO = "cost-tornado"
