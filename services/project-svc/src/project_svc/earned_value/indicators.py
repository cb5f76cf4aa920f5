"""Variances, indices and forecasts of money.

Formulas: PMI, *Practice Standard for Earned Value Management*, 2nd ed., 2011; *PMBOK Guide*, 6th ed., 2017, table 7-1.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from project_svc.earned_value.values import ZERO, Reason, Value, ratio


class Forecast(StrEnum):
    """What the work that is left is assumed to cost."""

    TYPICAL = "typical"
    ATYPICAL = "atypical"
    COMBINED = "combined"


@dataclass(frozen=True, slots=True)
class Amounts:
    """What everything else follows from; amounts of one currency.

    Attributes:
        bac: Budget at completion.
        pv: Planned value.
        ev: Earned value.
        ac: Actual cost.
    """

    bac: Decimal = ZERO
    pv: Decimal = ZERO
    ev: Decimal = ZERO
    ac: Decimal = ZERO

    def __add__(self, other: "Amounts") -> "Amounts":
        return Amounts(self.bac + other.bac, self.pv + other.pv, self.ev + other.ev, self.ac + other.ac)

    @property
    def sv(self) -> Decimal:
        """Schedule variance, EV - PV: negative is behind."""
        return self.ev - self.pv

    @property
    def cv(self) -> Decimal:
        """Cost variance, EV - AC: negative is over budget."""
        return self.ev - self.ac

    @property
    def spi(self) -> Value:
        """Schedule performance index, EV / PV."""
        return ratio(self.ev, self.pv, Reason.NOTHING_PLANNED)

    @property
    def cpi(self) -> Value:
        """Cost performance index, EV / AC."""
        return ratio(self.ev, self.ac, Reason.NO_ACTUAL_COST)

    @property
    def percent_complete(self) -> Value:
        """EV / BAC, in percent."""
        return ratio(100 * self.ev, self.bac, Reason.NO_BUDGET)

    @property
    def percent_spent(self) -> Value:
        """AC / BAC, in percent."""
        return ratio(100 * self.ac, self.bac, Reason.NO_BUDGET)

    def eac(self, forecast: Forecast = Forecast.TYPICAL) -> Value:
        """Estimate at completion.

        - typical, BAC / CPI: the rest costs as what was done did
        - atypical, AC + BAC - EV: the rest costs what was planned
        - combined, AC + (BAC - EV) / (CPI x SPI): being late makes the rest dearer too
        """
        if forecast is Forecast.ATYPICAL:
            return self.ac + self.bac - self.ev
        if not self.ac:
            return Reason.NO_ACTUAL_COST
        if not self.ev:
            return Reason.NOTHING_EARNED
        if forecast is Forecast.TYPICAL:
            return self.bac * self.ac / self.ev
        if not self.pv:
            return Reason.NOTHING_PLANNED
        return self.ac + (self.bac - self.ev) * self.ac * self.pv / (self.ev * self.ev)

    def etc(self, forecast: Forecast = Forecast.TYPICAL) -> Value:
        """Estimate to complete, EAC - AC."""
        eac = self.eac(forecast)
        return eac if isinstance(eac, Reason) else eac - self.ac

    def vac(self, forecast: Forecast = Forecast.TYPICAL) -> Value:
        """Variance at completion, BAC - EAC: negative is over budget."""
        eac = self.eac(forecast)
        return eac if isinstance(eac, Reason) else self.bac - eac

    @property
    def tcpi_bac(self) -> Value:
        """To-complete performance index to stay within the budget, (BAC - EV) / (BAC - AC)."""
        return self._to_complete(self.bac)

    @property
    def tcpi_eac(self) -> Value:
        """The same to end as the typical forecast says, (BAC - EV) / (EAC - AC)."""
        eac = self.eac()
        return eac if isinstance(eac, Reason) else self._to_complete(eac)

    def _to_complete(self, money: Decimal) -> Value:
        if not self.bac:
            return Reason.NO_BUDGET
        if self.ev >= self.bac:
            return Reason.COMPLETE
        return (self.bac - self.ev) / (money - self.ac) if money > self.ac else Reason.BUDGET_SPENT
