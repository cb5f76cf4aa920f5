from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest

from crm_contracts.customer.v1 import CustomerCreated
from crm_platform.context import Caller
from crm_platform.settings import KafkaSettings
from crm_platform.testing.events import working
from crm_platform.testing.identity import caller
from crm_platform.testing.plugin import RunningService, StartService, deliver
from crm_platform.worker import Worker
from project_svc.slices import SERVICE
from project_svc_tests.support import act, customer

OpenProject = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
async def service(warm_service: StartService) -> RunningService:
    return await warm_service(SERVICE)


@pytest.fixture(scope="session")
async def shared(start_shared_service: StartService) -> RunningService:
    """One service for all tests that do without a worker and tell companies apart."""
    return await start_shared_service(SERVICE)


@pytest.fixture
async def customer_id(service: RunningService, agent: Caller) -> UUID:
    """A customer that this service has heard of."""
    state = customer()
    await deliver(service, CustomerCreated(state=state), tenant_id=agent.tenant_id)
    return state.id


@pytest.fixture
def open_project(client: httpx.AsyncClient, customer_id: UUID) -> OpenProject:
    """Open a project without a template, active unless told otherwise."""

    async def open_(*, approve: bool = True, **fields: Any) -> dict[str, Any]:
        body = {"customer_id": str(customer_id), "name": "智慧园区", "due_on": "2199-12-31", **fields}
        answer = await client.post("/v1/projects", json=body)
        assert answer.status_code == 201, answer.text
        project: dict[str, Any] = answer.json()
        if approve:
            project = (await act(client, f"projects/{project['id']}", "approve", 1)).json()
        return project

    return open_


@pytest.fixture(scope="module")
async def working_service(
    start_shared_service: StartService, kafka_bootstrap: str, passing_topics: str
) -> AsyncIterator[RunningService]:
    """The service with its worker, for what follows from a change."""
    kafka = KafkaSettings(bootstrap=kafka_bootstrap, topic_prefix=passing_topics)
    running = await start_shared_service(SERVICE, kafka=kafka)
    async with working(Worker(running.service, running.settings)):
        yield running


@pytest.fixture
def who() -> Caller:
    """A user in a company of this test's own."""
    return caller()


@pytest.fixture
async def live(working_service: RunningService, who: Caller) -> AsyncIterator[httpx.AsyncClient]:
    async with working_service.as_(who) as client:
        yield client


@pytest.fixture
async def live_project(working_service: RunningService, live: httpx.AsyncClient, who: Caller) -> OpenProject:
    """Open a project of a customer of its own."""
    state = customer()
    await deliver(working_service, CustomerCreated(state=state), tenant_id=who.tenant_id)

    async def open_(**fields: Any) -> dict[str, Any]:
        body = {"customer_id": str(state.id), "name": "智慧园区", "due_on": "2199-12-31", **fields}
        answer = await live.post("/v1/projects", json=body)
        assert answer.status_code == 201, answer.text
        project: dict[str, Any] = answer.json()
        return project

    return open_
