"""Fixture: the five services and the gateway in this process, each started when it is first needed."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest
from asgi_lifespan import LifespanManager

from crm_platform.context import Caller
from crm_platform.ids import new_id
from crm_platform.service import Service
from crm_platform.settings import AuthSettings
from crm_platform.testing.identity import ISSUER, caller, signed
from crm_platform.testing.plugin import RunningService, StartService
from crm_runtime.pytest_plugin import MakeDatabase
from gateway.main import create_app
from gateway_tests.identity.running import RunningGateway, migrate, settings_for
from gateway_tests.serving import serve
from tests.world.operations import GATEWAY, SERVICES
from tests.world.worlds import People, Sign, World, open_connection

LIMITS = {"requests_per_minute": 10_000_000, "deadline_seconds": 120.0}
"""Neither how many requests a test makes nor how slow the machine is says anything about the code."""


def _service(name: str) -> Service:
    found: Service = import_module(f"{name.replace('-', '_')}.slices").SERVICE
    return found


class Worlds:
    """Starts worlds, and keeps them until the end of the run."""

    def __init__(self, start: StartService, make_database: MakeDatabase, folder: Path, stack: AsyncExitStack) -> None:
        self._start = start
        self._make_database = make_database
        self._folder = folder
        self._stack = stack
        self._known: dict[str, World] = {}

    async def __call__(self, service: str) -> World:
        """The world of a deployable."""
        if service not in self._known:
            self._known[service] = await (self._gateway() if service == GATEWAY else self._of_service(service))
        return self._known[service]

    async def _of_service(self, name: str) -> World:
        running = await self._start(_service(name), **LIMITS)
        owner = caller(team_ids=(new_id(),))
        return await self._world(name, running, running.issuer.token, owner)

    async def _gateway(self) -> World:
        """The gateway with all services behind it, which believe the tokens that it makes."""
        key_set = self._folder / "gateway-keys.json"
        auth = AuthSettings(issuer=ISSUER, jwks_url=key_set.as_uri())
        behind = {name: await self._start(_service(name), auth=auth, **LIMITS) for name in SERVICES}
        urls = {
            name: (await self._stack.enter_async_context(serve(running.app))).url for name, running in behind.items()
        }
        database = self._make_database("gateway", migrate=migrate)
        settings = settings_for(database, services=urls)
        limits = settings.limits.model_copy(update=LIMITS)
        settings = settings.model_copy(update={"limits": limits})
        app = create_app(settings)
        await self._stack.enter_async_context(LifespanManager(app))
        gateway = RunningGateway(app, settings, database.admin_url)
        key_set.write_bytes(orjson.dumps(await gateway.runtime.keys.key_set()))
        signer = await gateway.runtime.keys.signer()
        company = await gateway.company()

        def sign(of: Caller, **claims: object) -> str:
            return signed(signer.key, signer.kid, of, **claims)

        team = await company.team("Team")
        owner = replace(caller(tenant_id=company.id, team_ids=(UUID(team),)), id=company.admin_id)
        world = await self._world(GATEWAY, gateway, sign, owner)
        others = [await gateway.company() for _ in range(2)]
        stranger, nobody = [replace(caller(tenant_id=other.id), id=other.admin_id) for other in others]
        people = replace(world.people, stranger=stranger, nobody=nobody)
        return replace(world, people=people, behind=behind, company=company)

    async def _world(self, name: str, running: RunningService | RunningGateway, sign: Sign, owner: Caller) -> World:
        transport = httpx.ASGITransport(running.app, raise_app_exceptions=False)
        client = httpx.AsyncClient(transport=transport, base_url="http://world.test")
        connection = await open_connection(running.admin_url, name.replace("-", "_"))
        self._stack.push_async_callback(connection.close)
        await self._stack.enter_async_context(client)
        return World(name, running, People.of(owner), sign, client, connection)


@pytest.fixture(scope="session")
async def world_of(
    start_shared_service: StartService,
    make_shared_database: MakeDatabase,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Any]:
    """`await world_of("sales-svc")`: that deployable in this process, with the people who ask."""
    async with AsyncExitStack() as stack:
        yield Worlds(start_shared_service, make_shared_database, tmp_path_factory.mktemp("worlds"), stack)
