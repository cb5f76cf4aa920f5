"""A gateway under test: its app on a database of its own, tenants, and clients that have signed in."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
import httpx
from fastapi import FastAPI

from gateway.bootstrap import ensure_tenant
from gateway.runtime import GatewayRuntime
from gateway.settings import GatewaySettings

PASSWORD = "correct horse 电池 staple"
ADMIN_EMAIL = "admin@acme.test"


@dataclass(slots=True)
class Tenant:
    id: UUID
    slug: str
    admin_id: UUID
    admin_email: str = ADMIN_EMAIL


@dataclass(slots=True)
class Person:
    """Somebody with an account, as a test sees him or her."""

    id: str
    email: str
    version: int


@dataclass(slots=True)
class RunningGateway:
    app: FastAPI
    settings: GatewaySettings
    admin_url: str
    tenants: dict[str, Tenant] = field(default_factory=dict)

    @property
    def runtime(self) -> GatewayRuntime:
        runtime: GatewayRuntime = self.app.state.runtime
        return runtime

    def client(self, token: str | None = None, **headers: str) -> httpx.AsyncClient:
        """A client with an access token, or an anonymous one."""
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.AsyncClient(transport=transport, base_url="http://gateway.test", headers=named)

    async def tenant(self, slug: str = "acme") -> Tenant:
        """The tenant of this slug with its administrator."""
        if slug not in self.tenants:
            ready = await ensure_tenant(
                self.runtime.database, slug, slug.title(), ADMIN_EMAIL, PASSWORD, identity=self.settings.identity
            )
            self.tenants[slug] = Tenant(ready.tenant_id, slug, ready.admin_id)
        return self.tenants[slug]

    async def try_sign_in(
        self, email: str = ADMIN_EMAIL, password: str = PASSWORD, *, tenant: str = "acme", **more: str
    ) -> httpx.Response:
        """The answer to an attempt to sign in."""
        async with self.client() as client:
            body = {"tenant": tenant, "email": email, "password": password, **more}
            return await client.post("/api/v1/auth/sign-in", json=body)

    async def sign_in(
        self, email: str = ADMIN_EMAIL, password: str = PASSWORD, *, tenant: str = "acme", **more: str
    ) -> dict[str, Any]:
        """Tokens of somebody who has signed in."""
        answer = await self.try_sign_in(email, password, tenant=tenant, **more)
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.json()
        return tokens

    async def as_(self, email: str = ADMIN_EMAIL, *, tenant: str = "acme", **headers: str) -> httpx.AsyncClient:
        """A client of somebody who has signed in."""
        tokens = await self.sign_in(email, tenant=tenant)
        return self.client(tokens["access_token"], **headers)

    async def person(self, email: str, *, tenant: str = "acme", **fields: Any) -> Person:
        """A new user with the usual password."""
        await self.tenant(tenant)
        async with await self.as_(tenant=tenant) as admin:
            body = {"email": email, "name": email.partition("@")[0], "password": PASSWORD, **fields}
            answer = await admin.post("/api/v1/users", json=body)
        assert answer.status_code == 201, answer.text
        user = answer.json()
        return Person(user["id"], user["email"], user["version"])

    async def sql(self, statement: str, *arguments: Any) -> list[tuple[Any, ...]]:
        """Rows of any tenant, read past row-level security, for checks of what was really written."""
        connection = await asyncpg.connect(self.admin_url)
        try:
            await connection.execute("SET search_path TO gateway")
            return [tuple(row) for row in await connection.fetch(statement, *arguments)]
        finally:
            await connection.close()


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["code"]
