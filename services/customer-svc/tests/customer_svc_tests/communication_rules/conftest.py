from collections.abc import AsyncIterator

import pytest

from crm_platform.context import Caller
from crm_platform.settings import KafkaSettings
from crm_platform.testing.events import working
from crm_platform.testing.identity import caller
from crm_platform.testing.plugin import RunningService, StartService
from crm_platform.worker import Worker
from customer_svc.slices import SERVICE
from customer_svc_tests.communication_rules.support import Desk


@pytest.fixture(scope="module")
async def live(
    start_shared_service: StartService, kafka_bootstrap: str, passing_topics: str
) -> AsyncIterator[RunningService]:
    """The service with its worker, for what follows from a rule."""
    kafka = KafkaSettings(bootstrap=kafka_bootstrap, topic_prefix=passing_topics)
    running = await start_shared_service(SERVICE, kafka=kafka)
    async with working(Worker(running.service, running.settings)):
        yield running


@pytest.fixture
def who() -> Caller:
    """A user in a company of this test's own."""
    return caller()


@pytest.fixture
async def desk(live: RunningService, who: Caller) -> AsyncIterator[Desk]:
    async with live.as_(who) as client:
        yield Desk(live, who, client)
