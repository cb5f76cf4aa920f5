"""What clients get. Amounts are decimal strings in `currency`; indices have four decimal places."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from crm_contracts.base import CurrencyCode, DecimalString, Money
from project_svc.earned_value.values import Reason
from project_svc.monitoring.domain import Earning

Amount = Annotated[DecimalString, Field(description="In `currency`.")]
Index = Annotated[float, Field(description="Without unit; 1 is as planned, less is worse.")]


class EstimatesRead(BaseModel):
    """A forecast by the three methods."""

    typical: Amount | None = Field(description="BAC / CPI: the rest costs as what was done did.")
    atypical: Amount | None = Field(description="AC + BAC - EV: the rest costs what was planned.")
    combined: Amount | None = Field(description="AC + (BAC - EV) / (CPI x SPI): being late makes the rest dearer too.")


class AmountsRead(BaseModel):
    """Earned value of a part of a project."""

    bac: Amount = Field(description="Budget at completion: the cost by the baseline.")
    pv: Amount = Field(description="Planned value: the budget of the work that was to be done.")
    ev: Amount = Field(description="Earned value: the budget of the work that is done.")
    ac: Amount = Field(description="Actual cost: what was spent.")
    sv: Amount = Field(description="Schedule variance, EV - PV; negative is behind.")
    cv: Amount = Field(description="Cost variance, EV - AC; negative is over budget.")
    spi: Index | None = Field(description="Schedule performance index, EV / PV.")
    cpi: Index | None = Field(description="Cost performance index, EV / AC.")
    percent_complete: float | None = Field(description="EV / BAC, per cent.")
    percent_spent: float | None = Field(description="AC / BAC, per cent.")
    undefined: dict[str, Reason] = Field(description="Members that are null because they cannot be divided, and why.")


class WorkPackageRead(AmountsRead):
    """Earned value of a task, or of a summary with all that is in it."""

    task_id: UUID
    parent_id: UUID | None
    name: str
    is_summary: bool


class ForecastsRead(BaseModel):
    """What it will have cost."""

    eac: EstimatesRead = Field(description="Estimate at completion.")
    etc: EstimatesRead = Field(description="Estimate to complete, EAC - AC.")
    vac: EstimatesRead = Field(description="Variance at completion, BAC - EAC; negative is over budget.")
    tcpi_bac: float | None = Field(
        description="To-complete performance index for the budget, (BAC - EV) / (BAC - AC): how good the CPI of "
        "the rest has to be; more than 1 is harder than planned."
    )
    tcpi_eac: float | None = Field(description="The same for the typical forecast, (BAC - EV) / (EAC - AC).")
    undefined: dict[str, Reason] = Field(description="Members that are null because they cannot be divided, and why.")


class ScheduleRead(BaseModel):
    """Earned schedule (Lipke, 2003), in minutes of the project's working time since its start by the baseline."""

    planned_duration: int
    actual_time: int = Field(description="Until `as_of`, or until everything was done.")
    earned_schedule: int | None = Field(description="ES: by when the plan had what is earned now.")
    earned_at: datetime = Field(description="The moment of that.")
    sv: int | None = Field(description="SV(t) = ES - AT, minutes; negative is late.")
    spi: Index | None = Field(description="SPI(t) = ES / AT.")
    ieac: int | None = Field(description="IEAC(t) = PD / SPI(t), minutes: the duration if it goes on as it did.")
    ieac_atypical: int | None = Field(description="AT + PD - ES, minutes: the duration if the rest goes as planned.")
    forecast_finish: datetime | None = Field(description="When IEAC(t) is over.")
    adherence: float | None = Field(
        description="p-factor, 0 to 1: which part of what is earned was to be done by then; less is work out of order."
    )
    undefined: dict[str, Reason] = Field(description="Members that are null because they cannot be divided, and why.")


class SimpleRead(BaseModel):
    """Plain indicators."""

    progress_rate: float | None = Field(
        description="Work by time: hours of planned work that are done, by hours of working time since the start; h/h."
    )
    outcome_rate: float | None = Field(
        description="Work by cost: hours of planned work that are done, by actual cost; h per unit of `currency`."
    )
    risk_ratio: float | None = Field(
        description="Progress by cost: the part of the planned work that is done, by the part of the budget that is "
        "spent; without unit. Under 1 money goes faster than work."
    )
    budget_total: Amount = Field(description="Budget of all work, as `bac`.")
    time_total: float = Field(description="Planned work of all tasks; hours.")
    risk_total: int = Field(description="Probability times impact of all risks that are open today, added up; points.")
    undefined: dict[str, Reason] = Field(description="Members that are null because they cannot be divided, and why.")


class BaselineRef(BaseModel):
    """The baseline that is compared with."""

    id: UUID
    number: int
    name: str


class EarnedValueRead(AmountsRead):
    """Earned value of a project as of some time."""

    project_id: UUID
    as_of: datetime
    currency: CurrencyCode
    method: Earning
    baseline: BaselineRef
    forecasts: ForecastsRead
    schedule: ScheduleRead
    simple: SimpleRead
    other_costs: list[Money] = Field(description="Actual costs in other currencies, which are not part of `ac`.")
    work_packages: list[WorkPackageRead] = Field(description="Tasks and summaries of the baseline.")


class PortfolioProjectRead(AmountsRead):
    """Earned value of one project of several."""

    project_id: UUID
    name: str
    currency: CurrencyCode
    schedule_spi: float | None = Field(description="SPI(t) of earned schedule; not added up, as times are no amounts.")
    forecast_finish: datetime | None
    due_on: date


class PortfolioTotalRead(AmountsRead):
    """All projects of one currency together; indices are made of the sums."""

    currency: CurrencyCode
    projects: int
    eac: EstimatesRead
    vac: EstimatesRead


class PortfolioRead(BaseModel):
    """Earned value of the projects that the caller may see, are under way or completed, and have a baseline."""

    as_of: datetime | None = Field(description="As asked for; null for now.")
    totals: list[PortfolioTotalRead]
    projects: list[PortfolioProjectRead]
    truncated: bool = Field(description="Whether there are more; the 200 that changed last are here.")


class CurvePointRead(BaseModel):
    """Cumulative values at a moment; EV, AC and what is left are null after `as_of`."""

    at: datetime
    pv: Amount
    ev: Amount | None
    ac: Amount | None
    work_planned: float = Field(description="Work that is left by the plan; hours.")
    work_remaining: float | None = Field(description="Work that is left as reported; hours.")


class CurvesRead(BaseModel):
    """The S-curves and the burn-down of a project."""

    project_id: UUID
    as_of: datetime
    currency: CurrencyCode
    bac: Amount
    points: list[CurvePointRead]


class Chart(StrEnum):
    """Which curves are drawn."""

    S_CURVE = "s-curve"
    BURN_DOWN = "burn-down"


class ImageFormat(StrEnum):
    """As what a chart is drawn."""

    SVG = "svg"
    PNG = "png"


class Health(StrEnum):
    """How a project stands: as planned, to be looked at, or in need of action."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


class HealthReasonRead(BaseModel):
    """Why a project does not stand better."""

    code: str = Field(description="Stable name of the rule, such as `cpi_low`.")
    health: Health
    value: float | None
    limit: float | None
    text: str = Field(description="For people, in the caller's language.")


class HealthRead(BaseModel):
    """How a project stands now: as bad as the worst of its reasons, green without any."""

    project_id: UUID
    at: datetime
    health: Health
    reasons: list[HealthReasonRead] = Field(description="The worst first.")
