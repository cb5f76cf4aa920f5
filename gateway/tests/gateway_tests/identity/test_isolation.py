"""No route shows or changes anything of another tenant, and none opens without the scope that it names."""

from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute

from crm_platform.http.route import PUBLIC, SCOPE, SIGNED_IN, ServiceRoute
from crm_platform.ids import new_id
from gateway.metadata import METADATA
from gateway.scopes import SCOPES
from gateway.slices import SERVICE
from gateway_tests.identity.running import Company, RunningGateway, at, problem

BODIES: dict[str, Any] = {
    "create_credential": {"name": "x", "scopes": ["users:read"]},
    "create_role": {"name": "x", "title": "x", "scopes": []},
    "create_team": {"name": "x"},
    "create_user": {"email": "x@acme.test", "name": "x"},
    "set_user_password": {"password": "quite another password"},
    "update_role": {"title": "taken over"},
    "update_team": {"name": "taken over"},
    "update_user": {"name": "taken over"},
    "write_teams": {"items": [{"name": "x"}]},
    "write_users": {"items": [{"email": "x@acme.test", "name": "x"}]},
    "revoke_credential": {},
}
OTHERS = ("Views", "Portal")
ROUTERS = [router for router in SERVICE.routers if not set(router.tags) & set(OTHERS)]
"""The routes of identity."""

PARAMETERS = {"{user_id}": "users", "{team_id}": "teams", "{role_id}": "roles", "{credential_id}": "credentials"}


def method_of(route: APIRoute) -> str:
    return next(iter(route.methods or ()))


def routes(*, public: bool = False) -> list[Any]:
    found = [route for router in ROUTERS for route in router.routes if isinstance(route, ServiceRoute)]
    assert len(found) == sum(len(router.routes) for router in ROUTERS)
    return [
        pytest.param(route, id=f"{method_of(route)} {route.path}")
        for route in found
        if public or (route.openapi_extra or {})[SCOPE] != PUBLIC
    ]


def with_ids() -> list[Any]:
    return [case for case in routes() if any(name in case.values[0].path for name in PARAMETERS)]


async def call(client: httpx.AsyncClient, route: APIRoute, path: str) -> httpx.Response:
    return await client.request(method_of(route), path, json=BODIES.get(route.name), headers=at(1))


@pytest.fixture
async def records(acme: Company, admin: httpx.AsyncClient) -> dict[str, str]:
    """One record of each kind."""
    role = (await admin.post("/api/v1/roles", json=BODIES["create_role"] | {"name": "theirs"})).json()
    return {
        "users": (await acme.person("li@acme.test")).id,
        "teams": await acme.team("Team"),
        "roles": role["id"],
        "credentials": (await acme.credential())["id"],
    }


async def content(company: Company) -> list[Any]:
    return [await company.sql(f"SELECT * FROM {name} ORDER BY 1, 2") for name in PARAMETERS.values()]


@pytest.mark.parametrize("route", with_ids())
async def test_a_record_of_another_tenant_does_not_exist(
    gateway: RunningGateway, acme: Company, records: dict[str, str], route: APIRoute
) -> None:
    stranger = await gateway.company()
    path = route.path
    for name, kind in PARAMETERS.items():
        path = path.replace(name, records[kind])
    before = await content(acme)

    async with await stranger.as_() as client:
        answer = await call(client, route, path)

    assert problem(answer) == (404, "not_found")
    assert await content(acme) == before


@pytest.mark.parametrize("kind", ["users", "teams", "roles", "credentials"])
async def test_lists_show_nothing_of_another_tenant(
    gateway: RunningGateway, records: dict[str, str], kind: str
) -> None:
    stranger = await gateway.company()
    async with await stranger.as_() as client:
        answer = await client.get(f"/api/v1/{kind}")

    assert answer.status_code == 200
    assert records[kind] not in answer.text
    assert len(answer.json()["items"]) == (1 if kind == "users" else 0)


@pytest.mark.parametrize("route", routes())
async def test_nothing_opens_without_signing_in(anybody: httpx.AsyncClient, route: APIRoute) -> None:
    path = route.path
    for name in (*PARAMETERS, "{session_id}"):
        path = path.replace(name, str(new_id()))

    answer = await call(anybody, route, path)

    assert problem(answer) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == 'Bearer realm="crm"'


@pytest.mark.parametrize("route", [case for case in routes() if case.values[0].openapi_extra[SCOPE] != SIGNED_IN])
async def test_nothing_opens_without_the_scope(acme: Company, route: APIRoute) -> None:
    needed = (route.openapi_extra or {})[SCOPE]
    assert needed in SCOPES
    made = await acme.credential(scopes=sorted(SCOPES.keys() - {needed}), visibility="all")
    path = route.path
    for name in PARAMETERS:
        path = path.replace(name, str(acme.admin_id))
    before = await content(acme)

    async with acme.gateway.client(made["secret"]) as client:
        answer = await call(client, route, path)

    assert problem(answer) == (403, "forbidden")
    assert (await content(acme))[:3] == before[:3]


def test_the_routes_that_anybody_may_call_are_these() -> None:
    found = {case.values[0].path for case in routes(public=True) if case.values[0].openapi_extra[SCOPE] == PUBLIC}

    assert found == {
        "/.well-known/jwks.json",
        "/.well-known/openid-configuration",
        "/api/v1/auth/refresh",
        "/api/v1/auth/sign-in",
        "/api/v1/auth/sign-out",
        "/api/v1/oauth/token",
    }


def test_every_table_but_two_is_under_row_level_security() -> None:
    open_tables = {table.name for table in METADATA.sorted_tables if not table.info.get("tenant")}

    assert open_tables == {"tenants", "signing_keys"}


async def test_every_table_hides_the_rows_of_other_tenants(gateway: RunningGateway, acme: Company) -> None:
    await acme.person("li@acme.test")
    stranger = await gateway.company()
    for table in METADATA.sorted_tables:
        if table.info.get("tenant"):
            seen = await stranger.sql(f"SELECT DISTINCT tenant_id FROM {table.name}")
            assert seen in ([], [(stranger.id,)]), table.name


def test_operation_ids_are_unique(gateway: RunningGateway) -> None:
    document = gateway.app.openapi()
    ids = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]

    assert len(ids) == len(set(ids))
