from collections.abc import AsyncIterator

import httpx
import pytest

from crm_platform.context import Caller
from crm_platform.testing.identity import caller
from crm_platform.testing.plugin import RunningService, StartService
from customer_svc.slices import SERVICE


@pytest.fixture
async def service(start_service: StartService) -> RunningService:
    return await start_service(SERVICE)


@pytest.fixture
def agent() -> Caller:
    return caller()


@pytest.fixture
async def client(service: RunningService, agent: Caller) -> AsyncIterator[httpx.AsyncClient]:
    async with service.as_(agent) as client:
        yield client
