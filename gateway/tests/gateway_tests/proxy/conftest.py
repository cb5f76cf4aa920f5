from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest

from crm_platform.context import Caller
from crm_platform.testing.identity import TokenIssuer, caller
from gateway_tests.serving import GatewayParts, RunningGateway, ServiceDouble, StartGateway, run_gateway, serve


@pytest.fixture(scope="session")
def parts(issuer: TokenIssuer) -> GatewayParts:
    return GatewayParts(issuer=issuer, key_holder=caller())


@pytest.fixture
async def start_gateway(parts: GatewayParts) -> AsyncIterator[StartGateway]:
    async with AsyncExitStack() as stack:

        async def start(services: Mapping[str, str], **options: Any) -> RunningGateway:
            return await stack.enter_async_context(run_gateway(parts, services, **options))

        yield start


@pytest.fixture(scope="session")
async def shared_gateway(parts: GatewayParts) -> AsyncIterator[tuple[RunningGateway, ServiceDouble]]:
    customers = ServiceDouble()
    async with serve(customers) as serving, run_gateway(parts, {"customer-svc": serving.url}) as gateway:
        yield gateway, customers


@pytest.fixture
def customers(shared_gateway: tuple[RunningGateway, ServiceDouble]) -> ServiceDouble:
    """A stand-in for customer-svc."""
    shared_gateway[1].forget()
    return shared_gateway[1]


@pytest.fixture
def gateway(shared_gateway: tuple[RunningGateway, ServiceDouble]) -> RunningGateway:
    shared_gateway[0].tokens_made.clear()
    return shared_gateway[0]


@pytest.fixture
async def client(gateway: RunningGateway, agent: Caller) -> AsyncIterator[httpx.AsyncClient]:
    async with gateway.client(agent) as client:
        yield client
