import pytest

from crm_platform.context import Caller
from crm_platform.testing.plugin import RunningService, StartService
from customer_svc.slices import SERVICE
from customer_svc_tests.subject_access.support import Desk


@pytest.fixture(scope="module")
async def shared(start_shared_service: StartService) -> RunningService:
    """One service for all tests of a module; each has a tenant of its own."""
    return await start_shared_service(SERVICE)


@pytest.fixture
def service(shared: RunningService) -> RunningService:
    return shared


@pytest.fixture
def desk(service: RunningService, agent: Caller) -> Desk:
    return Desk(service, agent)
