from collections.abc import Awaitable, Callable

import pytest

from crm_platform.context import Caller
from crm_platform.testing.companies import live_in
from crm_platform.testing.plugin import RunningService

MoveTo = Callable[..., Awaitable[None]]


@pytest.fixture
def service(shared: RunningService) -> RunningService:
    return shared


@pytest.fixture
def move_to(service: RunningService, agent: Caller) -> MoveTo:
    """Have the days of the agent's company begin and end in a time zone from now on."""

    async def move_to_(zone: str, version: int = 1) -> None:
        await live_in(service, agent.tenant_id, zone, version=version)

    return move_to_
