from collections.abc import AsyncIterator

import httpx
import pytest

from analytics_svc.slices import SERVICE
from crm_platform.context import Caller
from crm_platform.testing.identity import caller
from crm_platform.testing.plugin import RunningService, StartService


@pytest.fixture
async def service(warm_service: StartService) -> RunningService:
    return await warm_service(SERVICE)


@pytest.fixture
def reader() -> Caller:
    return caller("reports:read")


@pytest.fixture
async def client(service: RunningService, reader: Caller) -> AsyncIterator[httpx.AsyncClient]:
    async with service.as_(reader) as client:
        yield client
