"""How long a proof is, the real system that most of them share, and the figures at the end."""

import os
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import TypeVar

import aiohttp
import pytest

from tests.promises.gateway import connected
from tests.real_system import RealSystem, running_system

T = TypeVar("T")

LOAD = {"CRM_LIMITS__REQUESTS_PER_MINUTE": "1000000", "CRM_LOG__REQUESTS": "false"}
"""One caller stands for many; its requests need no line each."""
UNHURRIED = {
    "CRM_DB__POOL_TIMEOUT": "60",
    "CRM_DB__LOCK_TIMEOUT": "60",
    "CRM_LIMITS__DEADLINE_SECONDS": "90",
    "CRM_PROXY__ABSENCE_PATIENCE": "60",
    "CRM_PROXY__PART_TIMEOUT": "60",
}
"""In the short form, which runs on machines with other work; the long form shows that the defaults suffice."""

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Scale:
    """How much is done, and from which seed everything drawn is drawn."""

    long: bool
    seed: int

    def of(self, short: T, long: T) -> T:
        """The one that applies."""
        return long if self.long else short

    def random(self, name: str) -> Random:
        """The source of what one proof draws."""
        return Random(f"{self.seed}/{name}")  # noqa: S311  (reproducible on purpose)


SCALE = Scale(bool(os.environ.get("PROMISES")), int(os.environ.get("SEED") or secrets.randbelow(1_000_000)))


@pytest.fixture(scope="session")
def scale() -> Scale:
    return SCALE


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Tell:
    """Add a line to the figures."""
    return lambda text: record_property("figure", text)


@pytest.fixture(scope="package")
def system(tmp_path_factory: pytest.TempPathFactory, scale: Scale) -> Iterator[RealSystem]:
    settings = LOAD if scale.long else LOAD | UNHURRIED
    with running_system(tmp_path_factory.mktemp("system"), story=False, **settings) as system:
        yield system


@pytest.fixture
async def session(system: RealSystem) -> AsyncIterator[aiohttp.ClientSession]:
    async with connected(system) as session:
        yield session


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the figures, and how to get them again."""
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    figures = [value for report in reports for name, value in report.user_properties if name == "figure"]
    if figures:
        terminalreporter.section("promises")
        for text in sorted(set(figures)):
            terminalreporter.write_line(text)
    if any("tests/promises/" in report.nodeid for report in reports):
        form = "make promises" if SCALE.long else "make test T=tests/promises"
        terminalreporter.write_line(f"SEED={SCALE.seed} {form} repeats what was drawn")
