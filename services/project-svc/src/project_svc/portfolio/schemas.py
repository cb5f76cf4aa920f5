"""What clients get. Amounts are decimal strings in `currency`; indices have four decimal places."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from crm_contracts.base import Bilingual, CurrencyCode, DecimalString, Money
from crm_contracts.project.v1 import ProjectStatus
from project_svc.monitoring.service import Health

Amount = Annotated[DecimalString, Field(description="In `currency`.")]
Index = Annotated[float, Field(description="Without unit; 1 is as planned, less is worse.")]


class ReasonRead(BaseModel):
    """Why a project does not stand better."""

    code: str = Field(description="Stable name of the rule, such as `cpi_low`.")
    health: Health
    value: float | None
    limit: float | None
    text: Bilingual


class NextMilestone(BaseModel):
    """The milestone that is not reached and is scheduled first."""

    task_id: UUID
    name: str | None
    at: datetime


class NextDelivery(BaseModel):
    """The delivery that is neither accepted nor cancelled and is due first."""

    id: UUID
    name: str | None = Field(description="Null for whoever may not read what deliveries are called.")
    due_on: date


class PortfolioItem(BaseModel):
    """A project of the portfolio. Figures are null where there is no baseline, and until it was first looked at."""

    id: UUID
    name: str
    customer_id: UUID
    manager_id: UUID | None
    owner_id: UUID | None
    team_id: UUID | None
    template: str | None
    template_id: UUID | None
    status: ProjectStatus
    starts_on: date
    due_on: date
    budget: Money | None
    health: Health | None
    reasons: list[ReasonRead] | None = Field(description="The worst first.")
    planned_starts_at: datetime | None = Field(description="By the schedule of the plan as it is.")
    planned_finishes_at: datetime | None
    baseline_starts_at: datetime | None = Field(description="Of the latest baseline.")
    baseline_finishes_at: datetime | None
    forecast_finishes_at: datetime | None = Field(description="By earned schedule: if it goes on as it did.")
    computed_at: datetime | None = Field(description="When the figures were made.")
    currency: CurrencyCode | None
    bac: Amount | None = Field(description="Budget at completion: the cost by the baseline.")
    pv: Amount | None = Field(description="Planned value.")
    ev: Amount | None = Field(description="Earned value.")
    ac: Amount | None = Field(description="Actual cost.")
    eac: Amount | None = Field(description="Estimate at completion, BAC / CPI; AC + BAC - EV where there is no CPI.")
    risk_cost: Amount | None = Field(description="Expected cost of the risks that are not closed.")
    other_risk_costs: list[Money] | None = Field(description="The same in other currencies.")
    spi: Index | None
    cpi: Index | None
    schedule_spi: Index | None = Field(description="SPI(t) of earned schedule.")
    percent_complete: float | None
    open_risks: int | None
    exceeded_risks: int | None = Field(description="Those over the threshold of the project.")
    risk_score: int | None = Field(description="Probability times impact of all open risks, added up.")
    overdue_tasks: int | None = Field(description="Not done, and scheduled to have been.")
    overdue_deliveries: int | None
    open_issues: int | None
    is_overdue: bool = Field(description="Whether the project is past its due date and still runs.")
    next_milestone: NextMilestone | None
    next_delivery: NextDelivery | None
    margin: Amount | None = Field(
        default=None,
        description="The project's budget less EAC, where both are of one currency; the budget of a project that was "
        "won is the value of the deal. Absent for whoever may not see budgets.",
    )


class Grouping(StrEnum):
    """By what projects are put together."""

    ALL = "all"
    CUSTOMER = "customer"
    MANAGER = "manager"
    STATUS = "status"
    TEMPLATE = "template"
    HEALTH = "health"


class HealthCounts(BaseModel):
    """How many projects stand how."""

    green: int
    amber: int
    red: int


class GroupTotal(BaseModel):
    """Projects of one group and one currency together; indices are made of the sums."""

    key: str | None = Field(description="Id or value by which they are together; null where they have none.")
    currency: CurrencyCode
    projects: int
    health: HealthCounts
    budget: Amount | None = Field(
        description="Of those whose budget is in this currency; null if that may not be seen."
    )
    bac: Amount
    pv: Amount
    ev: Amount
    ac: Amount
    eac: Amount
    margin: Amount | None = Field(description="Budget less EAC of those that have both in this currency.")
    risk_cost: Amount
    spi: Index | None
    cpi: Index | None
    percent_complete: float | None = Field(description="EV / BAC, per cent.")
    open_risks: int
    exceeded_risks: int
    overdue_tasks: int
    overdue_deliveries: int
    overdue_projects: int


class PortfolioTotals(BaseModel):
    """The filtered projects, added up; never across currencies."""

    group_by: Grouping
    groups: list[GroupTotal]
    is_current: bool = Field(description="Whether all projects have been looked at since they changed lately.")


def total_of(row: Any, *, budgets: bool) -> GroupTotal:
    """A row of sums as clients get it."""
    given = dict(row)
    health = HealthCounts(**{one.value: given.pop(one.value) for one in Health})
    shown = {name: value for name, value in given.items() if budgets or name not in {"budget", "margin"}}
    return GroupTotal(**{"budget": None, "margin": None, **shown}, health=health)
