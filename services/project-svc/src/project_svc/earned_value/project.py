"""Packages together: a project as of any time, and its curves over time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from project_svc.earned_value.indicators import Amounts
from project_svc.earned_value.package import Ledger, Package, Spent
from project_svc.earned_value.sweep import Sweep
from project_svc.earned_value.timing import Timing, timing_of
from project_svc.scheduling.calendars.worktime import WorkTime


class CurvePoint(NamedTuple):
    """The S-curves at a moment: cumulative money. EV and AC are None in the future."""

    at: int
    pv: Decimal
    ev: Decimal | None
    ac: Decimal | None


class BurnDownPoint(NamedTuple):
    """Minutes of work left at a moment: by the plan, and as reported, which is None in the future."""

    at: int
    planned: Decimal
    remaining: Decimal | None


@dataclass(frozen=True, kw_only=True)
class ProjectValue:
    """What a project is worth, piece by piece.

    Attributes:
        packages: All work packages; none is summed up in another.
        clock: The project's working time.
        parents: The summary task of each package and each summary task that is in one.
        overhead: Costs that belong to no package.
    """

    packages: Sequence[Package]
    clock: WorkTime
    parents: Mapping[str, str]
    overhead: Sequence[Spent] = ()

    def amounts(self, moment: int) -> Amounts:
        """The whole project as of a moment."""
        whole = sum((_amounts(one, moment) for one in self.packages), Amounts())
        return whole + Amounts(ac=self._overhead.until(moment))

    def by_task(self, moment: int) -> dict[str, Amounts]:
        """Each package, and each summary task with what is in it."""
        found: dict[str, Amounts] = {}
        for package in self.packages:
            amounts = _amounts(package, moment)
            name: str | None = package.id
            while name is not None:
                found[name] = found.get(name, Amounts()) + amounts
                name = self.parents.get(name)
        return found

    def timing(self, moment: int) -> Timing | None:
        """Earned schedule of the whole; None without packages."""
        return timing_of(self.packages, self.clock, moment) if self.packages else None

    def curve(self, moments: Sequence[int], now: int) -> list[CurvePoint]:
        """The S-curves at ``moments``, known until ``now``."""
        sweep = self._sweep
        return [
            CurvePoint(at, sweep.planned(at), sweep.earned(at), sweep.actual(at))
            if at <= now
            else CurvePoint(at, sweep.planned(at), None, None)
            for at in moments
        ]

    def burn_down(self, moments: Sequence[int], now: int) -> list[BurnDownPoint]:
        """Work left at ``moments``, known until ``now``."""
        sweep = self._sweep
        return [BurnDownPoint(at, sweep.work_planned(at), sweep.work_left(at) if at <= now else None) for at in moments]

    @cached_property
    def _sweep(self) -> Sweep:
        return Sweep(self.packages, self.overhead)

    @cached_property
    def _overhead(self) -> Ledger:
        return Ledger(self.overhead)


def _amounts(package: Package, moment: int) -> Amounts:
    return Amounts(package.budget, package.planned(moment), package.earned(moment), package.actual(moment))
