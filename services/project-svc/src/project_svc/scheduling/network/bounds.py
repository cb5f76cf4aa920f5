"""What dates and progress say about where a node can begin, as work of its calendar."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from project_svc.scheduling.network.plan import ConstraintKind, Plan, Progress
from project_svc.scheduling.network.ties import Node

K = ConstraintKind
ANY_TIME = 1 << 60


class Bounds(NamedTuple):
    """Where a node can begin, as work of its clock.

    Attributes:
        least: At the earliest.
        most: At the latest by a constraint; :data:`ANY_TIME` if none.
        started: Work at its actual start; None if it has not begun.
        ended: Whether it is over, so that nothing can move it.
    """

    least: int
    most: int = ANY_TIME
    started: int | None = None
    ended: bool = False


@dataclass(slots=True)
class BoundsOf:
    """The bounds of nodes; dates in non-working time count as the nearest working moment that keeps them."""

    plan: Plan
    _plain: dict[int, Bounds] = field(default_factory=dict)

    def __call__(self, node: Node, progress: Progress | None) -> Bounds:
        """The bounds of a node, given the progress of its task."""
        if progress is not None:
            return _of_progress(node, self.plan, progress)
        base = self._plain.get(id(node.clock))
        if base is None:
            begin = self.plan.start if self.plan.status is None else max(self.plan.start, self.plan.status)
            base = self._plain[id(node.clock)] = Bounds(node.clock.work(begin))
        constraint = node.constraint
        if constraint.moment is None:
            return base
        least = _LEAST[constraint.kind](node, constraint.moment) if constraint.kind in _LEAST else base.least
        most = _MOST[constraint.kind](node, constraint.moment) if constraint.kind in _MOST else ANY_TIME
        return Bounds(max(base.least, least), most)


def _of_progress(node: Node, plan: Plan, progress: Progress) -> Bounds:
    started = node.clock.work(progress.actual_start)
    if progress.actual_finish is not None:
        return Bounds(node.clock.work(progress.actual_finish), started=started, ended=True)
    resumes = started + progress.done if plan.status is None else max(started, node.clock.work(plan.status))
    most = ANY_TIME
    if node.constraint.moment is not None and node.constraint.kind in {K.FINISH_NO_LATER_THAN, K.MUST_FINISH_ON}:
        most = _latest_for_finish(node, node.constraint.moment)
    return Bounds(resumes, most, started)


def _start(node: Node, moment: int) -> int:
    return node.clock.work(moment)


def _latest_start(node: Node, moment: int) -> int:
    return node.clock.last_start(moment)


def _latest_for_finish(node: Node, moment: int) -> int:
    return node.clock.work(moment) - node.remaining


_LEAST: Mapping[ConstraintKind, Callable[[Node, int], int]] = {
    K.START_NO_EARLIER_THAN: _start,
    K.MUST_START_ON: _start,
    K.FINISH_NO_EARLIER_THAN: _latest_for_finish,
    K.MUST_FINISH_ON: _latest_for_finish,
}
_MOST: Mapping[ConstraintKind, Callable[[Node, int], int]] = {
    K.START_NO_LATER_THAN: _latest_start,
    K.MUST_START_ON: _start,
    K.FINISH_NO_LATER_THAN: _latest_for_finish,
    K.MUST_FINISH_ON: _latest_for_finish,
}
