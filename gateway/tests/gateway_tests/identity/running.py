"""A gateway under test, companies that use it, and clients of people who have signed in."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import httpx
from fastapi import FastAPI

from crm_platform.db.migrations import upgrade
from crm_platform.ids import new_id
from crm_platform.settings import AuthSettings, DatabaseSettings, LogSettings
from crm_runtime.testing import FreshDatabase
from gateway.bootstrap import ensure_tenant
from gateway.runtime import GatewayRuntime
from gateway.settings import GatewaySettings, IdentitySettings

PASSWORD = "correct horse 电池 staple"
ADMIN_EMAIL = "admin@acme.test"
ISSUER = "https://gateway.test"


def migrate(database: FreshDatabase) -> None:
    upgrade("gateway", database.url)


def settings_for(
    database: FreshDatabase, *, services: Mapping[str, str] | None = None, **identity: Any
) -> GatewaySettings:
    """Settings with password checks that take no time, and keys that are read at every use."""
    cheap = {"argon2_memory_kib": 8, "argon2_time_cost": 1, "argon2_lanes": 1, "key_refresh_seconds": 0}
    return GatewaySettings(
        service="gateway",
        db=DatabaseSettings(url=database.url, pool_max=5),
        auth=AuthSettings(issuer=ISSUER, leeway=0),
        log=LogSettings(requests=False),
        services=dict(services or {}),
        identity=IdentitySettings(**{"kek": "key of the tests", **cheap, **identity}),
    )


@dataclass(slots=True)
class RunningGateway:
    """A gateway in this process."""

    app: FastAPI
    settings: GatewaySettings
    admin_url: str

    @property
    def runtime(self) -> GatewayRuntime:
        runtime: GatewayRuntime = self.app.state.runtime
        return runtime

    def client(self, token: str | None = None, **headers: str) -> httpx.AsyncClient:
        """A client with an access token or API key, or an anonymous one."""
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.AsyncClient(transport=transport, base_url="http://gateway.test", headers=named)

    async def company(self) -> "Company":
        """A new tenant with its administrator."""
        slug = f"acme-{new_id().hex[-12:]}"
        ready = await ensure_tenant(
            self.runtime.database, slug, "Acme", ADMIN_EMAIL, PASSWORD, identity=self.settings.identity
        )
        return Company(self, ready.tenant_id, slug, ready.admin_id)

    async def sql(self, statement: str, *arguments: Any) -> list[tuple[Any, ...]]:
        """Rows of all tenants, read past row-level security."""
        connection = await asyncpg.connect(self.admin_url)
        try:
            await connection.execute("SET search_path TO gateway")
            return [tuple(row) for row in await connection.fetch(statement, *arguments)]
        finally:
            await connection.close()


StartGateway = Callable[..., Awaitable[RunningGateway]]
"""Starts a gateway with identity settings."""


@dataclass(slots=True)
class Person:
    """Somebody with an account."""

    id: str
    email: str
    password: str = PASSWORD

    @property
    def path(self) -> str:
        return f"/api/v1/users/{self.id}"


@dataclass(slots=True)
class Company:
    """One tenant of a gateway."""

    gateway: RunningGateway
    id: UUID
    slug: str
    admin_id: UUID

    async def try_sign_in(
        self, email: str = ADMIN_EMAIL, password: str = PASSWORD, *, tenant: str | None = None, **more: str
    ) -> httpx.Response:
        """The answer to an attempt to sign in."""
        async with self.gateway.client() as client:
            body = {"tenant": self.slug if tenant is None else tenant, "email": email, "password": password, **more}
            return await client.post("/api/v1/auth/sign-in", json=body)

    async def sign_in(self, email: str = ADMIN_EMAIL, password: str = PASSWORD, **more: str) -> dict[str, Any]:
        """Tokens of somebody who has signed in."""
        answer = await self.try_sign_in(email, password, **more)
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.json()
        return tokens

    async def as_(self, email: str = ADMIN_EMAIL, password: str = PASSWORD, **headers: str) -> httpx.AsyncClient:
        """A client of somebody who has signed in."""
        tokens = await self.sign_in(email, password)
        return self.gateway.client(tokens["access_token"], **headers)

    async def refresh(self, token: str) -> httpx.Response:
        """The answer to an attempt to go on with a session."""
        async with self.gateway.client() as client:
            return await client.post("/api/v1/auth/refresh", json={"refresh_token": token})

    async def person(self, email: str, **fields: Any) -> Person:
        """A new user with the usual password."""
        async with await self.as_() as admin:
            body = {"email": email, "name": email.partition("@")[0], "password": PASSWORD, **fields}
            answer = await admin.post("/api/v1/users", json=body)
        assert answer.status_code == 201, answer.text
        return Person(answer.json()["id"], email)

    async def team(self, name: str, **fields: Any) -> str:
        """A new team."""
        async with await self.as_() as admin:
            answer = await admin.post("/api/v1/teams", json={"name": name, **fields})
        assert answer.status_code == 201, answer.text
        id: str = answer.json()["id"]
        return id

    async def credential(self, **fields: Any) -> dict[str, Any]:
        """A new API key (or client) that may read customers."""
        async with await self.as_() as admin:
            body = {"name": f"key {new_id()}", "scopes": ["customers:read"], **fields}
            answer = await admin.post("/api/v1/credentials", json=body)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def sql(self, statement: str, *arguments: Any) -> list[tuple[Any, ...]]:
        """Rows of this tenant, as they were really written."""
        connection = await asyncpg.connect(self.gateway.settings.db.url)
        try:
            await connection.execute(f"SET crm.tenant_id = '{self.id}'")
            return [tuple(row) for row in await connection.fetch(statement, *arguments)]
        finally:
            await connection.close()


async def until(connection: asyncpg.Connection, kind: str, *, waiting: int) -> None:
    """Return when so many wait for a lock of that kind (a condition on ``pg_locks``) in this database."""
    query = f"""SELECT count(*) FROM pg_sleep(0.01), pg_locks
        WHERE NOT granted AND {kind} AND pid IN
          (SELECT pid FROM pg_stat_activity WHERE datname = current_database())"""
    async with asyncio.timeout(60):
        while await connection.fetchval(query) < waiting:
            pass


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["code"]


def at(version: int) -> dict[str, str]:
    """The header that says on which version a change is based."""
    return {"if-match": f'"{version}"'}
