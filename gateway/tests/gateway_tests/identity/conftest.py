from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import time_machine
from asgi_lifespan import LifespanManager

from crm_runtime.pytest_plugin import MakeDatabase
from gateway.main import create_app
from gateway_tests.identity.running import Company, RunningGateway, StartGateway, migrate, settings_for


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
