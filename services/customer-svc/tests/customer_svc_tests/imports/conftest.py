from collections.abc import AsyncIterator

import pytest

from crm_platform.context import Caller
from crm_platform.settings import KafkaSettings
from crm_platform.testing.events import working
from crm_platform.testing.plugin import RunningService, StartService
from crm_platform.worker import Worker
from customer_svc.slices import SERVICE
from customer_svc_tests.imports.support import Importer


@pytest.fixture(scope="package")
async def at_work(
    start_shared_service: StartService, kafka_bootstrap: str, topic_prefix: str
) -> AsyncIterator[RunningService]:
    """One service with its worker for all tests of imports, each of which has a tenant of its own."""
    kafka = KafkaSettings(bootstrap=kafka_bootstrap, topic_prefix=f"{topic_prefix}imports.")
    service = await start_shared_service(SERVICE, kafka=kafka)
    async with working(Worker(service.service, service.settings)):
        yield service


@pytest.fixture
async def importer(at_work: RunningService, agent: Caller) -> AsyncIterator[Importer]:
    async with at_work.as_(agent) as client:
        yield Importer(at_work, agent, client)
