"""The pages about people and their rights speak to the gateway itself, with the services behind it."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from asgi_lifespan import LifespanManager

from crm_platform.settings import AuthSettings
from crm_platform.testing.identity import ISSUER
from crm_platform.testing.plugin import StartService
from crm_runtime.pytest_plugin import MakeDatabase
from customer_svc.slices import SERVICE
from gateway.main import create_app
from gateway_tests.identity.running import PASSWORD, RunningGateway, migrate, settings_for
from gateway_tests.serving import serve
from tests.examples.pages import Reader, exchanges
from tools.layout import ROOT

THROUGH_THE_GATEWAY = {"access", "company", "field-permissions"}


@pytest.fixture(scope="module")
async def gateway(
    start_shared_service: StartService, make_shared_database: MakeDatabase, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[RunningGateway]:
    """The gateway with customer-svc behind it, which believes the tokens that it makes."""
    keys: Path = tmp_path_factory.mktemp("keys") / "keys.json"
    behind = await start_shared_service(SERVICE, auth=AuthSettings(issuer=ISSUER, jwks_url=keys.as_uri()))
    async with AsyncExitStack() as stack:
        serving = await stack.enter_async_context(serve(behind.app))
        database = make_shared_database("gateway", migrate=migrate)
        settings = settings_for(database, services={SERVICE.name: serving.url})
        app = create_app(settings)
        await stack.enter_async_context(LifespanManager(app))
        running = RunningGateway(app, settings, database.admin_url)
        keys.write_bytes(orjson.dumps(await running.runtime.keys.key_set()))
        yield running


@pytest.mark.parametrize("page", sorted(THROUGH_THE_GATEWAY))
async def test_a_page_shows_what_happens(page: str, gateway: RunningGateway) -> None:
    text = (ROOT / "docs" / "examples" / f"{page}.md").read_text(encoding="utf-8")
    company = await gateway.company()
    async with gateway.client() as client:

        async def send(method: str, path: str, headers: dict[str, str], body: Any) -> httpx.Response:
            content = None if body is None else json.dumps(body)
            kind = {"content-type": "application/json"} if body is not None else {}
            return await client.request(method, path, content=content, headers={**kind, **headers})

        reader = Reader(send, tenant=company.slug, password=PASSWORD)
        assert await reader.carry_out(text) == len(list(exchanges(text))) > 0
