from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest

from crm_contracts.customer.v1 import CustomerCreated
from crm_platform.context import Caller
from crm_platform.testing.identity import caller
from crm_platform.testing.plugin import RunningService, StartService, deliver
from project_svc.slices import SERVICE
from project_svc_tests.plan.support import Planner
from project_svc_tests.support import customer


@pytest.fixture(scope="module")
async def shared(start_shared_service: StartService) -> RunningService:
    return await start_shared_service(SERVICE)


@pytest.fixture
def who() -> Caller:
    """A user in a company of this test's own."""
    return caller()


@pytest.fixture
async def api(shared: RunningService, who: Caller) -> AsyncIterator[httpx.AsyncClient]:
    async with shared.as_(who) as client:
        yield client


@pytest.fixture
async def planner(shared: RunningService, who: Caller, api: httpx.AsyncClient) -> Planner:
    """A project from Monday, 2 March 2026 on, and shorthand for its plan."""
    state = customer()
    await deliver(shared, CustomerCreated(state=state), tenant_id=who.tenant_id)
    body = {"customer_id": str(state.id), "name": "智慧园区", "starts_on": "2026-03-02", "due_on": "2026-12-31"}
    opened = await api.post("/v1/projects", json=body)
    assert opened.status_code == 201, opened.text
    return Planner(shared, who, api, UUID(opened.json()["id"]))
