import pytest

from crm_platform.testing.plugin import RunningService, StartService
from customer_svc.slices import SERVICE


@pytest.fixture(scope="session")
async def service(start_shared_service: StartService) -> RunningService:
    return await start_shared_service(SERVICE)
