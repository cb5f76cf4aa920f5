from collections.abc import Awaitable, Callable

import pytest

from crm_platform.context import Caller
from crm_platform.testing.companies import live_in
from crm_platform.testing.plugin import RunningService

Live = Callable[..., Awaitable[None]]


@pytest.fixture
def service(shared: RunningService) -> RunningService:
    return shared


@pytest.fixture
def live(service: RunningService, agent: Caller) -> Live:
    """Have the days of the agent's company begin and end in a time zone from now on."""

    async def live_(zone: str, version: int = 1) -> None:
        await live_in(service, agent.tenant_id, zone, version=version)

    return live_
