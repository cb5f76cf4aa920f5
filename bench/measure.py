"""What every benchmark shares: CPU time of processes, interleaved rounds, medians, rows beside their limits."""

import statistics
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

ROUNDS = 3

Measure = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the design's table of performance, as it came out.

    Attributes:
        work: What is measured.
        beside: What it is compared with, in the same run.
        value: The figure; None where it cannot be measured on this machine.
        must: What it has to reach.
        goal: What it is meant to reach.
        at_least: More is better.
        unit: Of the figure; empty for a ratio.
        figures: What the ratio is made of, or why there is none.
    """

    work: str
    beside: str
    value: float | None
    must: float
    goal: float
    at_least: bool = False
    unit: str = ""
    figures: str

    @property
    def verdict(self) -> str:
        """How it came out."""
        if self.value is None:
            return "not measured here"
        if self._reaches(self.goal):
            return "goal"
        return "must" if self._reaches(self.must) else "UNDER ITS MUST"

    def cells(self) -> tuple[str, ...]:
        """The row as texts: work, beside, figure, must, goal, verdict, details."""
        sign = "≥" if self.at_least else "≤"
        limits = (f"{sign} {_number(limit)}{self.unit}" for limit in (self.must, self.goal))
        value = "–" if self.value is None else f"{_number(self.value)}{self.unit}"
        return (self.work, self.beside, value, *limits, self.verdict, self.figures)

    def _reaches(self, limit: float) -> bool:
        return self.value is not None and (self.value >= limit if self.at_least else self.value <= limit)


COLUMNS = ("work", "beside", "measured", "must", "goal", "verdict", "figures")


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def as_text(rows: Iterable[Row]) -> str:
    """The rows for a terminal."""
    lines = [COLUMNS, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(COLUMNS) - 1)]
    return "\n".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(line[:-1], widths, strict=True)), line[-1]])
        for line in lines
    )


def as_markdown(rows: Iterable[Row]) -> str:
    """The rows for a page."""
    lines = [COLUMNS, ("---",) * len(COLUMNS), *(row.cells() for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cpu_seconds(*processes: psutil.Process) -> float:
    """CPU time of processes and of all that they have started, also of what has ended since; each counts once."""
    while True:
        family = _family(processes)
        try:
            # What has ended is in the times of whoever has waited for it, so that all four of each belong to it.
            total = sum(sum(one.cpu_times()[:4]) for one in family)
        except psutil.NoSuchProcess:
            continue
        # One that ended in between would be counted twice, or not at all.
        if _family(processes) == family:
            return total


def _family(processes: Iterable[psutil.Process]) -> set[psutil.Process]:
    """Processes and all under them: one may be under another."""
    return {one for process in processes for one in (process, *process.children(recursive=True))}


class Samples:
    """Figures by name, one per round; what counts is the median."""

    def __init__(self) -> None:
        self._values: defaultdict[str, list[float]] = defaultdict(list)

    def add(self, name: str, value: float) -> None:
        """Note the figure of one round."""
        self._values[name].append(value)

    def __getitem__(self, name: str) -> float:
        return statistics.median(self._values[name])

    def ratio(self, name: str, other: str) -> float:
        """The median of the rounds' ratios: what is shared by a round, such as a busy neighbour, drops out."""
        pairs = zip(self._values[name], self._values[other], strict=True)
        return statistics.median(one / two for one, two in pairs)

    @contextmanager
    def cpu(self, name: str, count: Callable[[], int], *processes: psutil.Process) -> Iterator[None]:
        """Note the CPU µs of ``processes`` per unit of work; ``count`` says at the end how many were done."""
        before = cpu_seconds(*processes)
        yield
        self.add(name, (cpu_seconds(*processes) - before) / count() * 1e6)


async def interleaved(measures: Iterable[Measure], rounds: int = ROUNDS) -> None:
    """Take all measures in turn, several rounds, so that a noisy moment meets each of them."""
    measures = tuple(measures)
    for _ in range(rounds):
        for measure in measures:
            await measure()


def show(rows: Iterable[Row]) -> None:
    """Print the rows of one benchmark."""
    print(as_text(rows), flush=True)
