from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import time_machine
from asgi_lifespan import LifespanManager

from crm_platform.db.migrations import upgrade
from crm_platform.settings import AuthSettings, DatabaseSettings, LogSettings
from crm_runtime.pytest_plugin import MakeDatabase
from crm_runtime.testing import FreshDatabase
from gateway.main import create_app
from gateway.settings import GatewaySettings, IdentitySettings
from gateway_tests.identity.running import ISSUER, Company, RunningGateway, StartGateway


def migrate(database: FreshDatabase) -> None:
    upgrade("gateway", database.url)


def settings_for(database: FreshDatabase, **identity: Any) -> GatewaySettings:
    """Settings with password checks that take no time, and keys that are read at every use."""
    cheap = {"argon2_memory_kib": 8, "argon2_time_cost": 1, "argon2_lanes": 1, "key_refresh_seconds": 0}
    return GatewaySettings(
        service="gateway",
        db=DatabaseSettings(url=database.url, pool_max=5),
        auth=AuthSettings(issuer=ISSUER, leeway=0),
        log=LogSettings(requests=False),
        identity=IdentitySettings(**{"kek": "key of the tests", **cheap, **identity}),
    )


@pytest.fixture
async def start_gateway(make_database: MakeDatabase) -> AsyncIterator[StartGateway]:
    """Start a gateway on a database of this test; a second one shares it with the first."""
    database = make_database("gateway", migrate=migrate)
    async with AsyncExitStack() as stack:

        async def start(**identity: Any) -> RunningGateway:
            settings = settings_for(database, **identity)
            app = create_app(settings)
            await stack.enter_async_context(LifespanManager(app))
            return RunningGateway(app, settings, database.admin_url)

        yield start


@pytest.fixture(scope="session")
async def gateway(make_shared_database: MakeDatabase) -> AsyncIterator[RunningGateway]:
    """The gateway that most tests share; each has a company of its own."""
    database = make_shared_database("gateway", migrate=migrate)
    settings = settings_for(database)
    app = create_app(settings)
    async with LifespanManager(app):
        yield RunningGateway(app, settings, database.admin_url)


@pytest.fixture
async def acme(gateway: RunningGateway) -> Company:
    return await gateway.company()


@pytest.fixture
async def admin(acme: Company) -> AsyncIterator[httpx.AsyncClient]:
    async with await acme.as_() as client:
        yield client


@pytest.fixture
async def anybody(gateway: RunningGateway) -> AsyncIterator[httpx.AsyncClient]:
    async with gateway.client() as client:
        yield client


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """A wall clock that stands still and is moved by the test."""
    with time_machine.travel(datetime.now(UTC).replace(microsecond=0), tick=False) as traveller:
        yield traveller
