from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import httpx
import pytest

from crm_platform.testing.identity import TokenIssuer, caller
from gateway.compose.endpoints import COMPOSED_PATHS
from gateway.compose.endpoints import router as views
from gateway.portal.endpoints import router as portal
from gateway.proxy import ProxySettings
from gateway_tests.serving import GatewayParts, RunningGateway, ServiceDouble, run_gateway, serve


@dataclass(slots=True)
class Portal:
    """A gateway with two services, and a clock that stands still."""

    gateway: RunningGateway
    sales: ServiceDouble
    projects: ServiceDouble
    now: list[float]


def describe(service: ServiceDouble, noun: str) -> None:
    """Let ``service`` have an OpenAPI document with one path."""
    answer = {"description": "OK", "content": {"application/json": {"schema": {"type": "object"}}}}
    operation = {"operationId": f"list_{noun}", "tags": [noun], "responses": {"200": answer}}
    info = {"title": f"Guanxi {noun}", "version": "1"}
    service.answer("/openapi.json", {"openapi": "3.1.0", "info": info, "paths": {f"/v1/{noun}": {"get": operation}}})


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
