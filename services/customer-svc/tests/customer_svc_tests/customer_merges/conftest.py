import pytest

from crm_platform.context import Caller
from crm_platform.testing.plugin import RunningService
from customer_svc_tests.customer_merges.support import Office


@pytest.fixture
def office(service: RunningService, agent: Caller) -> Office:
    return Office(service, agent)
