"""The gateway as it is put together in ``gateway.main``."""

from collections.abc import AsyncIterator

import httpx
import pytest
from asgi_lifespan import LifespanManager

from crm_platform.db.migrations import upgrade
from crm_platform.settings import DatabaseSettings, LogSettings
from crm_runtime.pytest_plugin import MakeDatabase
from crm_runtime.testing import FreshDatabase
from gateway.main import create_app
from gateway.settings import GatewaySettings, IdentitySettings
from gateway_tests.serving import ServiceDouble, serve

ID = "0199b7a0-0000-7000-8000-000000000001"


def migrate(database: FreshDatabase) -> None:
    upgrade("gateway", database.url)


@pytest.fixture
def customers() -> ServiceDouble:
    return ServiceDouble()


@pytest.fixture
async def visitor(make_database: MakeDatabase, customers: ServiceDouble) -> AsyncIterator[httpx.AsyncClient]:
    async with serve(customers) as serving:
        settings = GatewaySettings(
            service="gateway",
            db=DatabaseSettings(url=make_database("gateway", migrate=migrate).url, pool_max=2),
            log=LogSettings(requests=False),
            identity=IdentitySettings(kek="key of the tests"),
            services={"customer-svc": serving.url},
        )
        async with LifespanManager(create_app(settings)) as manager:
            transport = httpx.ASGITransport(manager.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://gateway.test") as client:
                yield client


@pytest.mark.parametrize(
    "path", [f"/api/v1/customers/{ID}", f"/api/v1/customers/{ID}/360", f"/api/v1/projects/{ID}/360", "/api/v1/home"]
)
async def test_proxy_and_views_are_closed(visitor: httpx.AsyncClient, customers: ServiceDouble, path: str) -> None:
    answer = await visitor.get(path)

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert customers.requests == []


@pytest.mark.parametrize("path", ["/docs", "/events", "/asyncapi.json", "/events/catalogue.json"])
async def test_the_portal_is_open(visitor: httpx.AsyncClient, path: str) -> None:
    assert (await visitor.get(path)).status_code == 200


async def test_one_document_describes_everything(visitor: httpx.AsyncClient, customers: ServiceDouble) -> None:
    own = (await visitor.get("/openapi/gateway.json")).json()["paths"]
    whole = (await visitor.get("/openapi.json")).json()["paths"]

    assert own == {path: item for path, item in own.items() if path.startswith(("/api/v1/", "/.well-known/"))}
    assert set(own) <= set(whole)
    assert {"/api/v1/auth/sign-in", "/api/v1/users", "/api/v1/customers/{customer_id}/360"} <= set(own)
    assert [seen.path for seen in customers.requests] == ["/openapi.json"]


async def test_swagger_ui_of_fastapi_is_off(visitor: httpx.AsyncClient) -> None:
    assert "cdn" not in (await visitor.get("/docs")).text
    assert (await visitor.get("/redoc")).status_code == 404
