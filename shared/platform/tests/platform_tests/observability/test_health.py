"""Live never depends on PostgreSQL, ready does, and everything comes back by itself."""

from collections.abc import AsyncIterator

import httpx
import pytest

from crm_platform.context import Caller
from crm_platform.testing.plugin import RunningService, StartService
from crm_platform.testing.waiting import until
from crm_platform.worker import Worker
from customer_svc.slices import SERVICE
from platform_tests.observability.support import with_settings
from platform_tests.persistence.support import Road, road_to


@pytest.fixture
async def service(start_service: StartService) -> RunningService:
    return await start_service(SERVICE)


@pytest.fixture
async def road(service: RunningService) -> AsyncIterator[Road]:
    async with road_to(service.settings.db.url) as road:
        yield road


@pytest.fixture
async def client(service: RunningService, road: Road, agent: Caller) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the service, which reaches PostgreSQL by the road."""
    database = service.settings.db.model_copy(update={"url": road.url, "connect_timeout": 1.0})
    async with with_settings(service, db=database) as behind, behind.as_(agent) as client:
        yield client


async def state(client: httpx.AsyncClient) -> tuple[int, int]:
    """Status of live and of ready."""
    return (await client.get("/health/live")).status_code, (await client.get("/health/ready")).status_code


async def test_without_postgresql_the_process_lives_but_is_not_ready_and_comes_back(
    client: httpx.AsyncClient, road: Road
) -> None:
    customer = await client.post("/v1/customers", json={"name": "Acme"})
    assert customer.status_code == 201
    for _ in range(2):
        assert await state(client) == (200, 200)
        await road.close()
        for _ in range(3):
            assert await state(client) == (200, 503)
        refused = [
            await client.get(customer.headers["location"]),
            await client.post("/v1/customers", json={"name": "Lost"}),
        ]
        assert {(answer.status_code, answer.json()["code"]) for answer in refused} == {(503, "unavailable")}
        assert {answer.headers["retry-after"] for answer in refused} == {"1"}
        await road.open()

        async def back() -> bool:
            return await state(client) == (200, 200)

        await until(back)
        shown = await client.get(customer.headers["location"])
        assert (shown.status_code, shown.content) == (200, customer.content)
    listed = (await client.get("/v1/customers")).json()["items"]
    assert [item["name"] for item in listed] == ["Acme"]


async def test_what_ready_says_tells_what_is_missing(client: httpx.AsyncClient, road: Road) -> None:
    ready = await client.get("/health/ready")
    await road.close()
    missing = await client.get("/health/ready")

    assert ready.json()["status"] == "ready"
    assert missing.json()["status"] == "unavailable"
    assert "PostgreSQL" in missing.json()["reason"]
    assert (await client.get("/health/live")).json() == {"status": "live"}


async def test_health_and_metrics_need_no_token_and_know_no_company(service: RunningService, agent: Caller) -> None:
    async with service.as_(agent) as client:
        await client.post("/v1/customers", json={"name": "Acme"})
    async with service.as_(None) as nobody:
        answers = [await nobody.get(path) for path in ("/health/live", "/health/ready", "/metrics")]

    assert [answer.status_code for answer in answers] == [200] * 3
    for answer in answers:
        assert str(agent.tenant_id) not in answer.text
        assert "Acme" not in answer.text


async def test_a_service_that_cannot_reach_postgresql_does_not_start(service: RunningService, road: Road) -> None:
    database = service.settings.db.model_copy(update={"url": road.url, "connect_timeout": 1.0})
    await road.close()
    worker = Worker(SERVICE, service.settings.model_copy(update={"db": database}))

    failed = False
    try:
        async with with_settings(service, db=database):
            pass
    except Exception as error:  # noqa: BLE001  (how a lifespan fails is the library's choice)
        failed = "PostgreSQL" in str(error)
    assert failed
    assert worker.events.status().relay is not None
