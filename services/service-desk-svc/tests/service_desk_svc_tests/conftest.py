import pytest

from crm_platform.testing.plugin import RunningService, StartService
from service_desk_svc.slices import SERVICE


@pytest.fixture
async def service(start_service: StartService) -> RunningService:
    return await start_service(SERVICE)
