import os
import subprocess
import sys

import psutil
import pytest

from bench.measure import Row, Samples, as_markdown, cpu_seconds

BURN = "import time\nwhile time.process_time() < 0.3: pass"


def row(value: float | None, *, at_least: bool = False) -> Row:
    must, goal = (0.1, 0.2) if at_least else (12, 5)
    return Row(work="w", beside="b", value=value, must=must, goal=goal, at_least=at_least, figures="f")


@pytest.mark.parametrize(
    ("value", "at_least", "verdict"),
    [
        (0.2, True, "goal"),
        (0.1, True, "must"),
        (0.099, True, "UNDER ITS MUST"),
        (5, False, "goal"),
        (12, False, "must"),
        (12.1, False, "UNDER ITS MUST"),
        (None, False, "not measured here"),
    ],
)
def test_verdicts(value: float | None, at_least: bool, verdict: str) -> None:
    assert row(value, at_least=at_least).verdict == verdict


def test_a_row_shows_its_limits() -> None:
    assert as_markdown([row(10.94), row(None)]).splitlines()[2:] == [
        "| w | b | 10.9 | ≤ 12 | ≤ 5 | must | f |",
        "| w | b | – | ≤ 12 | ≤ 5 | not measured here | f |",
    ]


def test_a_ratio_is_the_median_of_the_rounds() -> None:
    samples = Samples()
    for one, two in ((10, 1), (4, 2), (9, 3)):
        samples.add("one", one)
        samples.add("two", two)

    assert (samples["one"], samples["two"], samples.ratio("one", "two")) == (9, 2, 3)


def test_cpu_time_counts_what_has_ended() -> None:
    before = cpu_seconds(psutil.Process(os.getpid()))
    subprocess.run([sys.executable, "-c", BURN], check=True)

    assert cpu_seconds(psutil.Process(os.getpid())) - before >= 0.25
