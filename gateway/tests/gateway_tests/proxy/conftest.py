from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from crm_platform.context import Caller
from crm_platform.testing.identity import TokenIssuer, caller
from crm_runtime.pytest_plugin import MakeDatabase

from gateway_tests.serving import GatewayParts, RunningGateway, ServiceDouble, run_gateway, serve

StartGateway = Callable[..., Awaitable[RunningGateway]]


@pytest.fixture(scope="session")
def database_url(make_shared_database: MakeDatabase) -> str:
    return make_shared_database("gateway").url


@pytest.fixture
def agent() -> Caller:
    return caller()


@pytest.fixture
def parts(database_url: str, issuer: TokenIssuer) -> GatewayParts:
    return GatewayParts(database_url=database_url, issuer=issuer, key_holder=caller())


@pytest.fixture
async def start_gateway(parts: GatewayParts) -> AsyncIterator[StartGateway]:
    async with AsyncExitStack() as stack:

        async def start(services: Mapping[str, str], **options: Any) -> RunningGateway:
            return await stack.enter_async_context(run_gateway(parts, services, **options))

        yield start


@pytest.fixture
def customers() -> ServiceDouble:
    """A stand-in for customer-svc."""
    return ServiceDouble()


@pytest.fixture
async def gateway(start_gateway: StartGateway, customers: ServiceDouble) -> AsyncIterator[RunningGateway]:
    async with serve(customers) as serving:
        yield await start_gateway({"customer-svc": serving.url})


@pytest.fixture
async def client(gateway: RunningGateway, agent: Caller) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=gateway.url, headers=gateway.bearer(agent), timeout=20) as client:
        yield client
