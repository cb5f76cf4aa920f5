"""Earned schedule: the indicators of earned value in units of time, which do not end at "on schedule" for what is late.

W. Lipke, *Schedule is Different*, The Measurable News, March 2003; forecasts: W. Lipke, *Earned Schedule*, 2009;
p-factor: W. Lipke, *Connecting Earned Value to the Schedule*, The Measurable News, winter 2004. Where those count
months, this counts working minutes, so that neither calendars nor the length of a period shift the result.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from project_svc.earned_value.package import Package
from project_svc.earned_value.planned import PlannedCurve
from project_svc.earned_value.values import ZERO, Reason, Value, ratio
from project_svc.scheduling.calendars.worktime import OutOfCalendarError, WorkTime


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Working minutes since the baseline's start.

    Attributes:
        clock: In whose working time they are.
        start: The moment at which the baseline starts.
        pd: Planned duration.
        at: Actual time: until now, or until everything was done.
        es: Earned schedule: the time by which the plan had what is earned now.
        moment: When that was, by the plan.
        adherence: The p-factor, 0 to 1: which part of what is earned was to be done by then.
    """

    clock: WorkTime
    start: int
    pd: int
    at: int
    es: Value
    moment: int
    adherence: Value

    @property
    def sv(self) -> Value:
        """SV(t) = ES - AT, in minutes: negative is late."""
        return self.es if isinstance(self.es, Reason) else self.es - self.at

    @property
    def spi(self) -> Value:
        """SPI(t) = ES / AT."""
        return self.es if isinstance(self.es, Reason) else ratio(self.es, Decimal(self.at), Reason.NOT_STARTED)

    @property
    def ieac(self) -> Value:
        """IEAC(t) = PD / SPI(t), in minutes: how long it takes if it goes on as it did."""
        spi = self.spi
        return spi if isinstance(spi, Reason) else ratio(Decimal(self.pd), spi, Reason.NOTHING_EARNED)

    @property
    def ieac_atypical(self) -> Value:
        """AT + PD - ES, in minutes: how long it takes if the rest goes as planned."""
        return self.es if isinstance(self.es, Reason) else self.at + self.pd - self.es

    def finish(self, minutes: Value) -> int | Reason:
        """The moment at which so many working minutes are over."""
        if isinstance(minutes, Reason):
            return minutes
        try:
            return self.clock.add(self.start, round(minutes))
        except OutOfCalendarError:
            return Reason.BEYOND_CALENDAR


def timing_of(packages: Sequence[Package], clock: WorkTime, moment: int) -> Timing:
    """The earned schedule of packages as of a moment, in the working time of ``clock``."""
    curve = PlannedCurve(packages)
    earned = sum((one.earned(moment) for one in packages), ZERO)
    ends = [one.report(moment).finished for one in packages]
    known = [end for end in ends if end is not None]
    until = min(moment, max(known)) if known and len(known) == len(ends) else moment
    reached = curve.when(min(earned, curve.budget), near=until)
    es = Decimal(clock.between(curve.start, reached)) if curve.budget else Reason.NO_BUDGET
    return Timing(
        clock=clock,
        start=curve.start,
        pd=clock.between(curve.start, curve.finish),
        at=max(clock.between(curve.start, until), 0),
        es=es,
        moment=reached,
        adherence=_adherence(packages, reached, moment),
    )


def _adherence(packages: Sequence[Package], reached: int, moment: int) -> Value:
    planned = [(one.planned(reached), one.earned(moment)) for one in packages]
    kept = sum((min(pair) for pair in planned), ZERO)
    return ratio(kept, sum((pair[0] for pair in planned), ZERO), Reason.NOTHING_EARNED)
