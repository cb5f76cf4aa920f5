"""A hybrid genetic algorithm: crossover of schedules, and justification of every child.

After Valls, Ballestín and Quintanilla, *A hybrid genetic algorithm for the RCPSP*, EJOR 185, 2008, with their two-point
crossover of activity lists by turns with one that keeps a part of the mother in which she uses resources well (as in
Debels and Vanhoucke, *A decomposition-based genetic algorithm for the RCPSP*, Operations Research 55, 2007). The first
schedules come from randomly biased latest start times. A generation is made, scheduled and justified as arrays.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from project_svc.scheduling.rcpsp.bounds import Reach
from project_svc.scheduling.rcpsp.compiled import Compiled, Ints
from project_svc.scheduling.rcpsp.sgs import Floats, justified, lists_of, makespans, serial_schedules

POPULATION = 64
_MUTATED = 0.05
_SHIFT = 0.1
_SHORTEST, _SPREAD = 0.25, 0.5
_WINDOWS = 3
_BIASES = (0.1, 0.3, 0.6, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evolution:
    """A population of schedules that gets better.

    Attributes:
        forwards: The problem.
        backwards: The same reversed in time.
        reached: What precedence says.
        intensity: [task] the share of all resources that it needs in a period.
        random: The only source of chance.
    """

    forwards: Compiled
    backwards: Compiled
    reached: Reach
    intensity: Floats
    random: np.random.Generator

    def run(self, seeds: Ints, *, target: int, generations: int, go_on: Callable[[], bool]) -> Ints:
        """[task] starts of the best schedule found.

        Args:
            seeds: [schedule, task] schedules to begin with.
            target: The makespan at which nothing better exists.
            generations: At most so many.
            go_on: Asked before each generation.
        """
        starts = self._survivors(np.concatenate([seeds, self._first(2 * POPULATION)]))
        for generation in range(generations):
            if int(makespans(self.forwards, starts[:1])[0]) <= target or not go_on():
                break
            mothers, fathers = self._chosen(starts), self._chosen(starts)
            cross = self._two_points if generation % 2 else self._keep_window
            children = self._scheduled(self._mutated(cross(starts[mothers], starts[fathers])))
            starts = self._survivors(np.concatenate([starts, children]))
        best: Ints = starts[0]
        return best

    def _first(self, count: int) -> Ints:
        tails = self.reached.tails
        bias = self.random.choice(_BIASES, size=(count, 1)) * tails.max()
        return self._scheduled(-(tails + self.random.random((count, len(tails))) * bias))

    def _scheduled(self, keys: Floats) -> Ints:
        """Justified schedules of tasks by key, predecessors first."""
        starts = serial_schedules(self.forwards, lists_of(self.forwards, keys))
        return justified(self.forwards, self.backwards, starts)

    def _survivors(self, starts: Ints) -> Ints:
        """The best schedules, each once; of equal length those whose tasks start sooner."""
        unlike = np.unique(starts, axis=0)
        order = np.lexsort((unlike.sum(axis=1), makespans(self.forwards, unlike)))
        best: Ints = unlike[order[:POPULATION]]
        return best

    def _chosen(self, starts: Ints) -> Ints:
        """Tournaments of two; schedules are sorted, so the smaller index wins."""
        chosen: Ints = self.random.integers(len(starts), size=(2, POPULATION)).min(axis=0)
        return chosen

    def _two_points(self, mothers: Ints, fathers: Ints) -> Floats:
        """The mother's list to a point, what comes first with the father to another, the rest as with the mother."""
        count, size = mothers.shape
        of_mother, of_father = self._positions(mothers), self._positions(fathers)
        points = np.sort(self.random.integers(0, size + 1, size=(count, 2)), axis=1)
        head = of_mother < points[:, :1]
        father_list = np.argsort(of_father, axis=1)
        new = ~np.take_along_axis(head, father_list, axis=1)
        taken = new & (new.cumsum(axis=1) <= points[:, 1:] - points[:, :1])
        middle = np.zeros_like(head)
        np.put_along_axis(middle, father_list, taken, axis=1)
        keys = np.where(head, of_mother, np.where(middle, size + of_father, 2 * size + of_mother))
        return keys.astype(np.float64)

    def _keep_window(self, mothers: Ints, fathers: Ints) -> Floats:
        """What the mother does in a busy window stays together; the father says what comes before and after it."""
        durations = self.forwards.durations
        begin, end = self._busy_window(mothers)
        inside = (mothers >= begin) & (mothers + durations <= end)
        far = 4 * int((np.maximum(mothers, fathers) + durations).max() + 1)
        before = 2 * fathers + durations < begin + end
        return np.where(inside, mothers, np.where(before, fathers - far, fathers + far)).astype(np.float64)

    def _busy_window(self, starts: Ints) -> tuple[Ints, Ints]:
        """[schedule, 1] begin and end of the busiest of some random windows."""
        ends = starts + self.forwards.durations
        spans = ends.max(axis=1)
        rows = np.arange(len(starts))[:, None]
        change = np.zeros((len(starts), int(spans.max()) + 2))
        np.add.at(change, (rows, starts + 1), self.intensity)
        np.add.at(change, (rows, ends + 1), -self.intensity)
        used = change.cumsum(axis=1).cumsum(axis=1)
        length = (spans * (_SHORTEST + _SPREAD * self.random.random(len(spans)))).astype(np.int64)[:, None]
        begins = (self.random.random((len(spans), _WINDOWS)) * (spans[:, None] - length + 1)).astype(np.int64)
        amount = np.take_along_axis(used, begins + length, axis=1) - np.take_along_axis(used, begins, axis=1)
        begin = np.take_along_axis(begins, amount.argmax(axis=1)[:, None], axis=1)
        return begin, begin + length

    def _mutated(self, keys: Floats) -> Floats:
        """Some tasks are moved about in their lists."""
        positions = np.argsort(np.argsort(keys, axis=1), axis=1).astype(np.float64)
        shift = self.random.normal(0, _SHIFT * keys.shape[1], keys.shape)
        moved: Floats = positions + np.where(self.random.random(keys.shape) < _MUTATED, shift, 0)
        return moved

    def _positions(self, starts: Ints) -> Ints:
        lists = np.argsort(starts * self.forwards.size + self.forwards.ranks, axis=1)
        return np.argsort(lists, axis=1)
