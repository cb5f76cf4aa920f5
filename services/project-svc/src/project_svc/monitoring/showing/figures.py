"""Indicators as clients get them: rounded, and with the reason where there is none."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from crm_platform.currencies import minor_unit
from project_svc.earned_value.indicators import Amounts, Forecast
from project_svc.earned_value.simple import Simple
from project_svc.earned_value.timing import Timing
from project_svc.earned_value.values import Reason, Value
from project_svc.monitoring.schemas import EstimatesRead, ForecastsRead, ScheduleRead, SimpleRead
from project_svc.scheduling.calendars.zones import datetime_of

_PLACES = 4
_EXACT = Decimal("1e-10")
"""To which sums of shares are exact, whatever their order."""
_LARGE = Context(prec=100)
"""Forecasts of what goes wholly wrong have many digits."""


def cents(value: Decimal, currency: str) -> Decimal:
    """An amount, to the cent or what else is paid in a currency.

    Half a cent counts as such though thirds before it were rounded in their last digits.
    """
    return value.quantize(_EXACT, context=_LARGE).quantize(minor_unit(currency), ROUND_HALF_UP, context=_LARGE)


def shown_amounts(amounts: Amounts, currency: str) -> dict[str, Any]:
    """Members of what tells of amounts."""
    indices: dict[str, Value] = {
        "spi": amounts.spi,
        "cpi": amounts.cpi,
        "percent_complete": amounts.percent_complete,
        "percent_spent": amounts.percent_spent,
    }
    money = {name: cents(getattr(amounts, name), currency) for name in ("bac", "pv", "ev", "ac", "sv", "cv")}
    return money | _floats(indices) | {"undefined": reasons(indices)}


def shown_forecasts(amounts: Amounts, currency: str) -> ForecastsRead:
    """What it will have cost."""
    indices = {"tcpi_bac": amounts.tcpi_bac, "tcpi_eac": amounts.tcpi_eac}
    unknown = {f"eac.{method.value}": amounts.eac(method) for method in Forecast}
    return ForecastsRead(
        eac=estimates(amounts.eac, currency),
        etc=estimates(amounts.etc, currency),
        vac=estimates(amounts.vac, currency),
        **_floats(indices),
        undefined=reasons(indices | unknown),
    )


def estimates(of: Any, currency: str) -> EstimatesRead:
    """A forecast by each method."""
    values = {method.value: of(method) for method in Forecast}
    return EstimatesRead(
        **{name: None if isinstance(one, Reason) else cents(one, currency) for name, one in values.items()}
    )


def shown_schedule(timing: Timing) -> ScheduleRead:
    """Earned schedule."""
    minutes: dict[str, Value] = {
        "earned_schedule": timing.es,
        "sv": timing.sv,
        "ieac": timing.ieac,
        "ieac_atypical": timing.ieac_atypical,
    }
    indices: dict[str, Value] = {"spi": timing.spi, "adherence": timing.adherence}
    finish = timing.finish(timing.ieac)
    unknown = {"forecast_finish": finish} if isinstance(finish, Reason) else {}
    return ScheduleRead(
        planned_duration=timing.pd,
        actual_time=timing.at,
        earned_at=datetime_of(timing.moment),
        **{name: None if isinstance(one, Reason) else round(one) for name, one in minutes.items()},
        **_floats(indices),
        forecast_finish=None if isinstance(finish, Reason) else datetime_of(finish),
        undefined=reasons(minutes | indices) | unknown,
    )


def shown_simple(simple: Simple, currency: str, *, risk_total: int) -> SimpleRead:
    """The plain indicators."""
    rates = {name: getattr(simple, name) for name in ("progress_rate", "outcome_rate", "risk_ratio")}
    return SimpleRead(
        **_floats(rates),
        budget_total=cents(simple.budget, currency),
        time_total=hours(simple.work_planned),
        risk_total=risk_total,
        undefined=reasons(rates),
    )


def hours(minutes: Decimal) -> float:
    """Minutes as hours."""
    return round(float(minutes) / 60, 2)


def reasons(values: Mapping[str, Value]) -> dict[str, Reason]:
    """Why there is no number, by name."""
    return {name: value for name, value in values.items() if isinstance(value, Reason)}


def index(value: Value) -> float | None:
    """A number without unit."""
    return None if isinstance(value, Reason) else round(float(value), _PLACES)


def _floats(values: Mapping[str, Value]) -> dict[str, float | None]:
    return {name: index(value) for name, value in values.items()}
