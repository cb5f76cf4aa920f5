import pytest

from crm_platform.testing.plugin import RunningService


@pytest.fixture
def service(shared: RunningService) -> RunningService:
    return shared
