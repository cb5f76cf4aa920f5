"""When the plan has a value: the planned value curve, read backwards."""

from collections.abc import Sequence
from decimal import Context, Decimal

from project_svc.earned_value.package import Package
from project_svc.earned_value.values import ZERO

_nearly = Context(prec=24).plus
"""To how many digits values are compared: added up in another order they differ in the last of 28."""


class PlannedCurve:
    """The planned value of packages together; it never falls.

    Args:
        packages: At least one.
    """

    def __init__(self, packages: Sequence[Package]) -> None:
        self._packages = packages
        self.start = min(one.start for one in packages)
        self.finish = max(one.finish for one in packages)
        self.budget = sum((one.budget for one in packages), ZERO)

    def at(self, moment: int) -> Decimal:
        """Planned value at a moment."""
        return sum((one.planned(moment) for one in self._packages), ZERO)

    def when(self, value: Decimal, near: int) -> int:
        """The moment, to the minute, at which the plan has ``value``.

        Where it has it for some time, since nothing is planned to be done then, it is the moment of that time that is
        closest to ``near``: who has earned what was planned by now is neither early nor late.
        """
        first = self._first(value, reached=True)
        last = self._first(value, reached=False) - 1
        return min(max(near, first), last) if first <= last else max(last, self.start)

    def _first(self, value: Decimal, *, reached: bool) -> int:
        """The first moment at which the value is reached, or passed; one after the end if it never is.

        Bisection; packages that lie before or after what is left to search are not asked again.
        """
        low, high = self.start - 1, self.finish + 1
        value = _nearly(value)
        below, active = ZERO, self._packages
        while high - low > 1:
            middle = (low + high) // 2
            planned = _nearly(below + sum((one.planned(middle) for one in active), ZERO))
            if planned >= value if reached else planned > value:
                high = middle
            else:
                low = middle
            below += sum((one.budget for one in active if one.finish <= low), ZERO)
            active = [one for one in active if one.finish > low and one.start < high]
        return high
