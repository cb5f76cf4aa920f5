from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from crm_platform.context import Caller
from crm_platform.settings import AuditSettings, DatabaseSettings, KafkaSettings, ServiceSettings
from crm_platform.testing.identity import caller
from crm_platform.testing.plugin import RunningService, StartService
from crm_runtime.pytest_plugin import MakeDatabase
from customer_svc.slices import SERVICE
from platform_tests.observability.processes import Running, running
from platform_tests.persistence.states import migrate_of
from platform_tests.worker.support import TOKEN, worker_process


@pytest.fixture
async def service(start_service: StartService) -> RunningService:
    return await start_service(SERVICE)


@pytest.fixture
def agent() -> Caller:
    return caller()


@pytest.fixture
async def client(service: RunningService, agent: Caller) -> AsyncIterator[httpx.AsyncClient]:
    async with service.as_(agent) as client:
        yield client


@pytest.fixture
async def process(service: RunningService, tmp_path: Path) -> AsyncIterator[Running]:
    """The worker of the service, in a process of its own."""
    async with worker_process(service, tmp_path) as process:
        yield process


@pytest.fixture(scope="session")
async def shared_process(
    make_shared_database: MakeDatabase,
    kafka_bootstrap: str,
    topic_prefix: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Running]:
    """A worker that several tests ask, with nothing to do."""
    folder = tmp_path_factory.mktemp("worker")
    database = make_shared_database(SERVICE.package, **migrate_of(SERVICE))
    settings = ServiceSettings(
        service=SERVICE.name,
        db=DatabaseSettings(url=database.url, pool_max=3),
        kafka=KafkaSettings(bootstrap=kafka_bootstrap, topic_prefix=f"{topic_prefix}shared."),
        audit=AuditSettings(checkpoint_dir=folder / "audit"),
    )
    factory = "customer_svc.worker:create_worker"
    async with running(
        "crm_platform.work", factory, settings, folder / "log", ready="/health/ready", CRM_OPERATOR_TOKEN=TOKEN
    ) as process:
        yield process
