"""Packages on a clock that never stops, so that a period is so many minutes."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from project_svc.earned_value.package import Package, Report, Spent
from project_svc.earned_value.project import ProjectValue
from project_svc.earned_value.values import Reason, Value
from project_svc.scheduling.calendars.rules import AROUND_THE_CLOCK, Rules
from project_svc.scheduling.calendars.worktime import WorkTime

CLOCK = WorkTime(Rules(week=(AROUND_THE_CLOCK,) * 7), date(1970, 1, 1))
PERIOD = 10_000
"""Minutes of a period of published examples, which count weeks or months."""


def package(id: str = "a", start: int = 0, finish: int = PERIOD, **fields: Any) -> Package:
    return Package(id=id, start=start, finish=finish, clock=CLOCK, **fields)


def project(*packages: Package, **fields: Any) -> ProjectValue:
    return ProjectValue(packages=packages, clock=CLOCK, **{"parents": {}, **fields})


def by_periods(planned: Sequence[int], earned: Sequence[int], actual: Sequence[int] = ()) -> ProjectValue:
    """A project that plans, earns and spends these cumulative sums by the ends of periods, evenly inside each."""
    reports = [
        Report((number + 1) * PERIOD, Decimal(100 * earned_) / planned[-1]) for number, earned_ in enumerate(earned)
    ]
    parts = [
        package(str(number), number * PERIOD, (number + 1) * PERIOD, variable=Decimal(value), reports=reports)
        for number, value in enumerate(increments(planned))
    ]
    costs = [Spent((number + 1) * PERIOD, Decimal(value)) for number, value in enumerate(increments(actual))]
    return project(*parts, overhead=costs)


def increments(sums: Sequence[int]) -> list[int]:
    return [after - before for before, after in pairwise((0, *sums))]


def rounded(value: Value | None, places: int = 2) -> float | Reason:
    assert value is not None
    return value if isinstance(value, Reason) else float(round(value, places))


def these(*found: object) -> tuple[object, ...]:
    """Numbers and reasons beside each other, to be compared with plain ones."""
    return found
