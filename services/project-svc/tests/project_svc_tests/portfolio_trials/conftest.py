from uuid import UUID

import httpx
import pytest

from crm_contracts.customer.v1 import CustomerCreated
from crm_platform.context import Caller
from crm_platform.testing.plugin import RunningService, deliver
from project_svc_tests.plan.support import Planner
from project_svc_tests.support import customer


@pytest.fixture
async def planner(working_service: RunningService, live: httpx.AsyncClient, who: Caller) -> Planner:
    """A draft from Monday, 6 January 2127 on, in a company of its own whose operations are worked on."""
    state = customer()
    await deliver(working_service, CustomerCreated(state=state), tenant_id=who.tenant_id)
    body = {"customer_id": str(state.id), "name": "智慧园区", "starts_on": "2127-01-06", "due_on": "2127-12-31"}
    opened = await live.post("/v1/projects", json=body)
    assert opened.status_code == 201, opened.text
    return Planner(working_service, who, live, UUID(opened.json()["id"]))
