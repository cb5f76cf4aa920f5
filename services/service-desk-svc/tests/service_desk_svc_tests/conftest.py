import pytest

from crm_platform.testing.plugin import RunningService, StartService
from service_desk_svc.slices import SERVICE


@pytest.fixture
async def service(warm_service: StartService) -> RunningService:
    return await warm_service(SERVICE)
