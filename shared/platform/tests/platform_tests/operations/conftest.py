from collections.abc import Iterator

import pytest

from crm_platform.testing.plugin import StartService
from platform_tests.events.processes import Nursery
from platform_tests.operations import slice as tested
from platform_tests.operations.support import House


@pytest.fixture
async def house(start_service: StartService) -> House:
    return House(await start_service(tested.WITH_OPERATIONS))


@pytest.fixture(autouse=True)
def control() -> Iterator[tested.Control]:
    """Fresh eyes on the steps of this test."""
    tested.CONTROL.__init__()  # type: ignore[misc]
    yield tested.CONTROL
    tested.CONTROL.gate = tested.CONTROL.late_gate = None


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    started = Nursery("platform_tests.operations.victim")
    yield started
    started.close()
