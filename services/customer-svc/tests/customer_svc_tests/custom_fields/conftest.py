from collections.abc import AsyncIterator

import httpx
import pytest

from crm_platform.context import Caller
from crm_platform.settings import KafkaSettings
from crm_platform.testing.events import working
from crm_platform.testing.identity import caller
from crm_platform.testing.plugin import RunningService, StartService
from crm_platform.worker import Worker
from customer_svc.slices import SERVICE


@pytest.fixture(scope="session")
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
async def live(working_service: RunningService, who: Caller) -> AsyncIterator[httpx.AsyncClient]:
    async with working_service.as_(who) as client:
        yield client
