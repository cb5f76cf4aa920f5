"""What clients get. Rates are shares from 0 to 1, rounded to four places; null where there is nothing to divide."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from crm_contracts.base import Money
from crm_contracts.sales.v1 import OpportunityStage


class StageFigures(BaseModel):
    """Deals in one stage, in one currency."""

    stage: OpportunityStage
    currency: str | None = Field(description="Null for deals without a value.")
    count: int
    value: Money | None


class AgentFigures(BaseModel):
    """Deals of one person, in one currency."""

    agent_id: UUID | None
    agent: str | None = Field(description="Null for deals that nobody owns, or for a person not known yet.")
    currency: str | None
    open: int
    won: int
    lost: int
    won_value: Money | None
    win_rate: float | None = Field(description="Won ÷ (won + lost).")


class SalesReport(BaseModel):
    """Deals by stage and by agent."""

    as_of: datetime | None = Field(description="When the newest event in these figures was taken in.")
    win_rate: float | None = Field(description="Won ÷ (won + lost).")
    stages: list[StageFigures]
    agents: list[AgentFigures]


class DeliveryReport(BaseModel):
    """Deliverables and their acceptance."""

    as_of: datetime | None
    planned: int
    submitted: int
    accepted: int
    on_time: int
    on_time_rate: float | None = Field(description="Accepted no later than due ÷ accepted.")
    first_time_right: int
    first_time_right_rate: float | None = Field(description="Accepted at the first submission ÷ accepted.")
    risks_open: int
    risks_exceeded: int = Field(description="Open risks at or above their project's threshold.")


class SatisfactionReport(BaseModel):
    """Satisfaction and tickets."""

    as_of: datetime | None
    surveys_sent: int
    surveys_answered: int
    response_rate: float | None = Field(description="Answered ÷ sent.")
    satisfied: int = Field(description="Answers of 4 or 5.")
    csat: float | None = Field(description="Customer satisfaction score: answers of 4 or 5 ÷ answers.")
    average_score: float | None
    tickets_open: int
    tickets_resolved: int
    complaints: int


class CustomerReport(BaseModel):
    """Figures about one customer."""

    customer_id: UUID
    as_of: datetime | None
    opportunities_open: int
    opportunities_won: int
    opportunities_lost: int
    won_value: list[Money] = Field(description="One amount per currency.")
    ordered: list[Money]
    paid: list[Money]
    projects_active: int
    deliveries_accepted: int
    on_time_rate: float | None
    risks_exceeded: int
    tickets_open: int
    csat: float | None
