"""The fixture that the matrix stands on, and its figures."""

from collections import Counter

import pytest

from tests.world.fixtures import world_of

__all__ = ["world_of"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many routes and cells were walked."""
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    cells = Counter(value for report in reports for name, value in report.user_properties if name == "cell")
    routes = sum(name == "route" for report in reports for name, _ in report.user_properties)
    if routes:
        told = ", ".join(f"{number} {name}" for name, number in sorted(cells.items()))
        terminalreporter.write_line(f"authz: {routes} routes, {cells.total()} cells ({told})")
