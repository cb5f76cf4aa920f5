from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import pytest

from crm_platform.context import Caller
from crm_platform.testing.identity import TokenIssuer, caller
from gateway.proxy import ProxySettings
from gateway.proxy.routes import ROUTES
from gateway.views.endpoints import COMPOSED_PATHS, router
from gateway_tests.compose.world import World
from gateway_tests.serving import GatewayParts, RunningGateway, ServiceDouble, run_gateway, serve


@pytest.fixture(scope="session")
async def running(issuer: TokenIssuer) -> AsyncIterator[World]:
    """Five services and a gateway in front of them; parts get 5 s."""
    parts = GatewayParts(
        issuer=issuer,
        key_holder=caller(),
        routers=(router,),
        kept=COMPOSED_PATHS,
    )
    async with AsyncExitStack() as stack:
        doubles = {name: ServiceDouble() for name in ROUTES}
        urls = {name: (await stack.enter_async_context(serve(double))).url for name, double in doubles.items()}
        settings = ProxySettings(
            part_timeout=5, retry_share=0, breaker_calls=10_000, part_bytes=100_000, absence_patience=0.1
        )
        gateway = await stack.enter_async_context(run_gateway(parts, urls, settings=settings))
        yield World(doubles, gateway)


@pytest.fixture
def world(running: World) -> World:
    running.forget()
    return running


@pytest.fixture
def gateway(world: World) -> RunningGateway:
    return world.gateway


@pytest.fixture
async def client(gateway: RunningGateway, agent: Caller) -> AsyncIterator[httpx.AsyncClient]:
    async with gateway.client(agent) as client:
        yield client
