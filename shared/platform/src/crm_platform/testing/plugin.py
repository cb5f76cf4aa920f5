"""pytest plugin: a service's app on a fresh database, with clients for any caller.

Builds on the fixtures of ``crm_runtime`` (embedded PostgreSQL and broker).
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import httpx
import pytest
from asgi_lifespan import LifespanManager
from fastapi import FastAPI

from crm_platform.app import create_service_app
from crm_platform.context import Caller
from crm_platform.db.migrations import upgrade
from crm_platform.service import Service
from crm_platform.settings import DatabaseSettings, KafkaSettings, LimitSettings, LogSettings, ServiceSettings
from crm_platform.testing.identity import TokenIssuer


@dataclass(slots=True)
class RunningService:
    """A service under test: its app, its database, and clients for callers."""

    service: Service
    settings: ServiceSettings
    app: FastAPI
    issuer: TokenIssuer
    admin_url: str
    _clients: AsyncExitStack = field(default_factory=AsyncExitStack)

    def as_(self, who: Caller | None, **headers: str) -> httpx.AsyncClient:
        """A client that calls the service as ``who``; anonymous for None."""
        if who is not None:
            headers["authorization"] = f"Bearer {self.issuer.token(who)}"
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://service.test", headers=headers)

    async def sql(self, statement: str, *arguments: Any) -> list[Any]:
        """Rows of any tenant, read past row-level security, for checks of what was really written."""


        connection = await asyncpg.connect(self.admin_url)
        try:
            await connection.execute(f"SET search_path TO {self.service.package}")
            return list(await connection.fetch(statement, *arguments))
        finally:
            await connection.close()


StartService = Callable[..., Awaitable[RunningService]]


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> TokenIssuer:
    """Signs tokens that the services under test trust."""
    return TokenIssuer(tmp_path_factory.mktemp("issuer"))


@pytest.fixture
async def start_service(
    make_database: Any, kafka_bootstrap: str, topic_prefix: str, issuer: TokenIssuer
) -> AsyncIterator[StartService]:
    """Start a service's API in this process, on a fresh migrated database."""
    async with AsyncExitStack() as stack:

        async def start(service: Service, **limits: Any) -> RunningService:
            def migrate(database: Any) -> None:
                upgrade(service.package, database.url)

            database = make_database(service.package, migrate=migrate, cache_key=f"migrate-{service.package}")
            settings = service.settings(
                service=service.name,
                db=DatabaseSettings(url=database.url, pool_max=5),
                kafka=KafkaSettings(bootstrap=kafka_bootstrap, topic_prefix=topic_prefix),
                auth=issuer.settings,
                limits=LimitSettings(**limits),
                log=LogSettings(requests=False),
            )
            app = create_service_app(service, settings)
            await stack.enter_async_context(LifespanManager(app))
            return RunningService(service, settings, app, issuer, database.admin_url)

        yield start
