"""A service with people in it."""

from dataclasses import replace

import pytest

from crm_platform.testing.plugin import RunningService, StartService
from customer_svc.slices import SERVICE
from platform_tests.sealing import people

SEALING_SERVICE = replace(
    SERVICE,
    routers=(*SERVICE.routers, people.router),
    aggregates=(*SERVICE.aggregates, people.PEOPLE, people.NOTES),
)


@pytest.fixture
async def service(start_service: StartService) -> RunningService:
    return await start_service(SEALING_SERVICE, tables=people.tables_of(SERVICE.package))
