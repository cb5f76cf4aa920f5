from collections.abc import AsyncIterator
from contextlib import aclosing

import httpx
import pytest
from asgi_lifespan import LifespanManager

from crm_platform.app import create_service_app
from crm_platform.context import Caller
from crm_platform.settings import AuditSettings, DatabaseSettings, KafkaSettings, LogSettings, ServiceSettings
from crm_platform.testing.identity import TokenIssuer
from crm_platform.testing.plugin import RunningService, StartService
from crm_platform.testing.sealing import SEALING
from crm_runtime.pytest_plugin import MakeDatabase
from customer_svc.slices import SERVICE
from platform_tests.observability.processes import Running
from platform_tests.persistence.states import migrate_of
from platform_tests.worker.support import worker_process


@pytest.fixture
async def service(start_service: StartService) -> RunningService:
    return await start_service(SERVICE)


@pytest.fixture(scope="session")
async def shared_service(
    make_shared_database: MakeDatabase,
    kafka_bootstrap: str,
    topic_prefix: str,
    issuer: TokenIssuer,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[RunningService]:
    """A service that several tests share; each has a company of its own."""
    database = make_shared_database(SERVICE.package, **migrate_of(SERVICE))
    settings = ServiceSettings(
        service=SERVICE.name,
        db=DatabaseSettings(url=database.url, pool_max=3),
        kafka=KafkaSettings(bootstrap=kafka_bootstrap, topic_prefix=f"{topic_prefix}shared."),
        auth=issuer.settings,
        audit=AuditSettings(checkpoint_dir=tmp_path_factory.mktemp("audit")),
        log=LogSettings(requests=False),
        sealing=SEALING,
    )
    app = create_service_app(SERVICE, settings)
    running = RunningService(SERVICE, settings, app, issuer, database.admin_url)
    async with LifespanManager(app), aclosing(running):
        yield running


@pytest.fixture(scope="session")
async def shared_process(
    shared_service: RunningService, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Running]:
    """The worker of the shared service."""
    async with worker_process(shared_service, tmp_path_factory.mktemp("worker")) as process:
        yield process


@pytest.fixture
async def shared_client(shared_service: RunningService, agent: Caller) -> AsyncIterator[httpx.AsyncClient]:
    async with shared_service.as_(agent) as client:
        yield client
