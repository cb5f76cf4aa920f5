from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import pytest

from crm_platform.testing.identity import TokenIssuer, caller
from gateway.portal.endpoints import router as portal
from gateway.proxy import ProxySettings
from gateway.views.endpoints import COMPOSED_PATHS
from gateway.views.endpoints import router as views
from gateway_tests.portal.support import Portal, describe
from gateway_tests.serving import GatewayParts, ServiceDouble, run_gateway, serve


@pytest.fixture
async def running(issuer: TokenIssuer) -> AsyncIterator[Portal]:
    now = [1000.0]
    parts = GatewayParts(
        issuer=issuer,
        key_holder=caller(),
        routers=(views, portal),
        kept=COMPOSED_PATHS,
        openapi_url="/openapi/gateway.json",
    )
    sales, projects = ServiceDouble(), ServiceDouble()
    describe(sales, "orders")
    describe(projects, "risks")
    async with AsyncExitStack() as stack:
        services = {
            "sales-svc": (await stack.enter_async_context(serve(sales))).url,
            "project-svc": (await stack.enter_async_context(serve(projects))).url,
        }
        settings = ProxySettings(retry_share=0)
        gateway = await stack.enter_async_context(run_gateway(parts, services, settings=settings, clock=lambda: now[0]))
        yield Portal(gateway, sales, projects, now)


@pytest.fixture
async def visitor(running: Portal) -> AsyncIterator[httpx.AsyncClient]:
    """A client without any credentials."""
    async with running.gateway.client() as client:
        yield client
