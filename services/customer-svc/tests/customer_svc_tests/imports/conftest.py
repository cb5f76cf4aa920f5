from collections.abc import AsyncIterator

import pytest

from crm_platform.context import Caller
from crm_platform.testing.events import StartWorker
from crm_platform.testing.plugin import RunningService
from customer_svc_tests.imports.support import Importer


@pytest.fixture
async def importer(service: RunningService, agent: Caller, start_worker: StartWorker) -> AsyncIterator[Importer]:
    await start_worker(service)
    async with service.as_(agent) as client:
        yield Importer(service, agent, client)
