"""One sales-svc for all tests of contracts; each has a tenant of its own."""

from collections.abc import AsyncIterator

import pytest

from crm_platform.context import Caller
from crm_platform.testing.identity import colleague
from crm_platform.testing.plugin import RunningService, StartService
from sales_svc.slices import SERVICE
from sales_svc_tests.contracts.support import Company


@pytest.fixture(scope="session")
async def service(start_shared_service: StartService) -> RunningService:
    return await start_shared_service(SERVICE)


@pytest.fixture
async def company(service: RunningService, agent: Caller) -> AsyncIterator[Company]:
    async with service.as_(agent) as mine, service.as_(colleague(agent)) as theirs:
        yield Company(service, agent, mine, theirs)
