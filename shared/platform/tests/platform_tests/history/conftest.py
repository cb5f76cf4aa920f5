"""People of whom one can ask what happened to them."""

from dataclasses import replace

import pytest

from crm_platform.history.endpoints import history_router
from crm_platform.testing.plugin import RunningService, StartService
from platform_tests.sealing import people
from platform_tests.sealing.conftest import SEALING_SERVICE

REMEMBERING = replace(
    SEALING_SERVICE,
    routers=(*SEALING_SERVICE.routers, history_router(people.PEOPLE, "people:read", people.PersonCreate)),
)


@pytest.fixture
async def service(start_service: StartService) -> RunningService:
    return await start_service(REMEMBERING, tables=people.tables_of(REMEMBERING.package))
