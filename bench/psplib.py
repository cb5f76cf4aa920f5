"""Instances and best-known makespans of PSPLIB (Kolisch, Sprecher, EJOR 96, 1997), read where they are."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from project_svc.scheduling.rcpsp.problem import Delay, Problem, Step

FOLDER = Path(__file__).parents[2] / "shared" / "data" / "psplib"


class Known(NamedTuple):
    """What is known of an instance: the best makespan that anybody has published, and whether it is proven."""

    makespan: int
    optimal: bool


def read_instance(file: Path) -> Problem:
    """The problem of an `.sm` file: one mode, finish-to-start without lags, renewable resources."""
    lines = file.read_text(encoding="latin-1").splitlines()
    relations = list(_numbers(lines, "PRECEDENCE RELATIONS"))
    requests = list(_numbers(lines, "REQUESTS/DURATIONS"))
    (capacities,) = _numbers(lines, "RESOURCEAVAILABILITIES")
    durations = tuple(row[2] for row in requests)
    return Problem(
        durations=durations,
        delays=tuple(Delay(row[0] - 1, after - 1, durations[row[0] - 1]) for row in relations for after in row[3:]),
        demands=tuple(tuple(row[3:]) for row in requests),
        capacities=tuple((Step(0, units),) for units in capacities),
    )


def best_known() -> dict[str, Known]:
    """By instance."""
    with (FOLDER / "optimum_dev.csv").open(encoding="utf-8", newline="") as file:
        return {
            Path(row["problem"]).stem: Known(int(row["best_known_makespan"]), row["status"] == "optimal")
            for row in csv.DictReader(file)
        }


def instances(collection: str) -> list[Path]:
    """The files of a set (`j30`, `j60`, `j120`), by parameter and number."""

    def key(file: Path) -> tuple[int, ...]:
        return tuple(map(int, file.stem.removeprefix(collection).split("_")))

    return sorted((FOLDER / collection).glob("*.sm"), key=key)


def _numbers(lines: Sequence[str], title: str) -> Iterator[list[int]]:
    """The rows of numbers of a section."""
    begin = next(number for number, line in enumerate(lines) if line.startswith(title))
    for line in lines[begin + 1 :]:
        if line.startswith("***"):
            return
        if line.strip()[:1].isdigit():
            yield list(map(int, line.split()))
