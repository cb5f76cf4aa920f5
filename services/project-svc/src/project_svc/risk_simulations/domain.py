"""A simulation, as it is kept: its figures, and what it was asked."""

from datetime import datetime
from uuid import UUID

from crm_contracts.base import Money
from crm_platform.aggregate import OwnedState
from crm_platform.words import Words

NOUN = Words("risk simulation", "风险模拟")


class RiskSimulation(OwnedState):
    """What a simulation came to; its id is that of the operation that made it, so that it is made once."""

    project_id: UUID
    customer_id: UUID
    plan_revision: int
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
    reserve: Money
    reserve_percentile: int
    on_time_percent: int | None
    within_budget_percent: int | None
    both_percent: int | None
