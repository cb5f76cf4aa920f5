"""What finish and cost depend on: rank correlations, and the bars of tornados."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from project_svc.simulation.draws import Driver
from project_svc.simulation.spreads import Numbers

_TENTHS = 10


class Bar(NamedTuple):
    """A bar of a tornado.

    Attributes:
        id: Of the task or risk.
        risk: Which of both.
        correlation: Rank correlation (Spearman) of it with the result.
        share: Its squared correlation, of the sum over all: what it contributes to the variance of the result.
        low: Mean of the result in the tenth of iterations in which it is least; where a risk does not strike.
        high: Mean of the result in the tenth in which it is greatest; where a risk strikes.
    """

    id: str
    risk: bool
    correlation: float
    share: float
    low: float
    high: float


class Ranked:
    """Values in their order.

    Attributes:
        order: Indexes of the values, rising.
        scores: Their ranks (equal values share the mean of theirs), shifted and scaled so that the product of two is
            their correlation; all 0 if values are equal.
    """

    def __init__(self, values: Numbers) -> None:
        self.order = np.argsort(values)
        rising = values[self.order]
        size = len(values)
        starts = np.flatnonzero(np.concatenate([[True], rising[1:] != rising[:-1]]))
        ranks = np.arange(size, dtype=np.float64)
        if len(starts) < size:
            counts = np.diff(np.append(starts, size))
            ranks = np.repeat(starts + (counts - 1) / 2, counts)
        ranks -= (size - 1) / 2
        length = float(np.sqrt(ranks @ ranks))
        self.scores = np.zeros(size)
        if length > 0:
            self.scores[self.order] = ranks / length

    def correlation(self, other: "Ranked") -> float:
        """Rank correlation (Spearman); 0 where there is nothing to correlate."""
        return float(np.clip(self.scores @ other.scores, -1, 1))


def tornados(drivers: Sequence[Driver], finish: Numbers, cost: Numbers) -> tuple[list[Bar], list[Bar]]:
    """The bars of finish and of cost, each of all drivers that correlate with it, the widest share first."""
    of_finish, of_cost = Ranked(finish), Ranked(cost)
    finish_bars, cost_bars = [], []
    for one in drivers:
        ranked = Ranked(one.minutes)
        finish_bars.append(_bar(one, ranked, finish, of_finish))
        if np.ptp(one.cost) > 0:
            # What a task costs rises as its duration does, so both have one order.
            cost_bars.append(_bar(one, Ranked(one.cost) if one.risk else ranked, cost, of_cost))
    return _shared(finish_bars), _shared(cost_bars)


def _bar(driver: Driver, ranked: Ranked, result: Numbers, target: Ranked) -> Bar:
    low, high = _ends(driver, ranked, result)
    return Bar(driver.id, driver.risk, ranked.correlation(target), 0.0, low, high)


def _shared(bars: Sequence[Bar]) -> list[Bar]:
    total = sum(bar.correlation**2 for bar in bars)
    found = [bar._replace(share=bar.correlation**2 / total) for bar in bars if bar.correlation != 0]
    return sorted(found, key=lambda bar: (-bar.share, bar.id))


def _ends(driver: Driver, ranked: Ranked, result: Numbers) -> tuple[float, float]:
    if driver.strikes is not None and not driver.strikes.all():
        return float(result[~driver.strikes].mean()), float(result[driver.strikes].mean())
    tenth = max(len(result) // _TENTHS, 1)
    return float(result[ranked.order[:tenth]].mean()), float(result[ranked.order[-tenth:]].mean())
