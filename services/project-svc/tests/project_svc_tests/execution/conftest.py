from collections.abc import AsyncIterator

import httpx
import pytest

from crm_platform.context import Caller
from crm_platform.testing.identity import colleague
from crm_platform.testing.plugin import RunningService
from project_svc_tests.execution.support import Site
from project_svc_tests.plan.conftest import api, planner, shared, who  # noqa: F401 - fixtures
from project_svc_tests.plan.support import Planner


@pytest.fixture
def boss(who: Caller) -> Caller:  # noqa: F811
    """Another user of the same company."""
    return colleague(who)


@pytest.fixture
async def above(shared: RunningService, boss: Caller) -> AsyncIterator[httpx.AsyncClient]:  # noqa: F811
    async with shared.as_(boss) as client:
        yield client


@pytest.fixture
async def site(planner: Planner) -> Site:  # noqa: F811
    """Two tasks of five days and a milestone, with a baseline of 4000 and 1000 yuan."""
    return await Site.of(planner)
