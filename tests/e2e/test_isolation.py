"""Another tenant finds nothing: in every table of every service, and on every route of the public API."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest

from crm_platform.ids import new_id
from crm_runtime.demo.story import Ending
from crm_runtime.topology import TOPOLOGY
from tests.real_system import RealSystem
from tests.world.answers import content, ids_in
from tests.world.bodies import smallest

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

PACKAGES = [deployable.package for deployable in TOPOLOGY.deployables]

WITHOUT_TENANT_RULE = {"replay_request", "tenants"}
"""Tables that name tenants but hold nothing of theirs: an operator's requests, and the list of tenants."""

NOT_OF_A_TENANT = {"/api/v1/scopes", "/api/v1/roles/built-in", "/api/v1/auth/me"}
"""Routes that show everybody the same, or only the caller."""

EXPLANATION = "/access/explain"
"""Ends the routes that tell everybody why something is not shown, in the same words whether it exists or not."""


@pytest.fixture(scope="session")
async def stranger(system: RealSystem, ending: Ending) -> AsyncIterator[httpx.AsyncClient]:
    """The administrator of another tenant, with every right there."""
    assert ending.customer["id"]
    gateway = system.topology.gateway
    environment = {
        **os.environ,
        "CRM_SERVICE": "gateway",
        "CRM_DB__URL": system.role_url("gateway"),
        "CRM_SECRET_KEY": system.secrets["key:gateway"],
        "CRM_AUTH__ISSUER": gateway.api_url,
        "CRM_BOOTSTRAP_PASSWORD": "correct horse battery staple",
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway.bootstrap", "--tenant", "other", "--name", "Other"),
        *("--email", "admin@other.example"),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    assert json.loads(out)["tenant_id"]
    who = {"tenant": "other", "email": "admin@other.example", "password": "correct horse battery staple"}
    async with httpx.AsyncClient(base_url=system.gateway_url, trust_env=False, timeout=30) as client:
        signed_in = await client.post("/api/v1/auth/sign-in", json=who)
        assert signed_in.status_code == 200, signed_in.text
        client.headers["authorization"] = f"Bearer {signed_in.json()['access_token']}"
        yield client


@pytest.fixture(scope="session")
async def document(stranger: httpx.AsyncClient) -> dict[str, Any]:
    """The merged OpenAPI document."""
    answer = await stranger.get("/openapi.json")
    assert answer.status_code == 200
    return dict(answer.json())


@pytest.mark.parametrize("package", PACKAGES)
async def test_every_table_of_tenants_is_under_forced_row_level_security(system: RealSystem, package: str) -> None:
    tables = await system.rows(
        package,
        """SELECT c.relname AS name, c.relrowsecurity AND c.relforcerowsecurity AS forced,
          EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid) AS policy
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')""",
    )

    assert {table["name"] for table in tables if not (table["forced"] and table["policy"])} <= WITHOUT_TENANT_RULE
    assert len(tables) > 3


@pytest.mark.parametrize("package", PACKAGES)
async def test_a_service_role_sees_no_row_without_a_tenant_and_none_of_another(
    system: RealSystem, ending: Ending, package: str
) -> None:
    assert ending.customer["id"]
    connection = await asyncpg.connect(system.role_url(package))
    try:
        tables = await connection.fetch(
            """SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
            WHERE a.attname = 'tenant_id' AND c.relnamespace = current_schema()::regnamespace
              AND c.relkind IN ('r', 'p')"""
        )
        seen: dict[str, list[int]] = {}
        for name in sorted({table["name"] for table in tables} - WITHOUT_TENANT_RULE):
            for setting in ("", "00000000-0000-7000-8000-000000000001"):
                await connection.execute(f"SET crm.tenant_id = '{setting}'")
                seen.setdefault(name, []).append(await connection.fetchval(f"SELECT count(*) FROM {name}"))
        own = await connection.fetchval("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
    finally:
        await connection.close()

    assert {name: counts for name, counts in seen.items() if counts != [0, 0]} == {}
    assert len(seen) > 3
    assert own is False


@pytest.mark.parametrize("package", PACKAGES)
async def test_a_service_role_is_refused_on_every_other_schema(system: RealSystem, package: str) -> None:
    connection = await asyncpg.connect(system.role_url(package))
    refused = []
    try:
        for other in PACKAGES:
            if other == package:
                continue
            tables = await system.rows(
                "public", "SELECT tablename FROM pg_tables WHERE schemaname = $1 ORDER BY 1", other
            )
            assert tables, other
            for table in tables:
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.fetch(f"SELECT 1 FROM {other}.{table['tablename']} LIMIT 1")
                refused.append(table["tablename"])
    finally:
        await connection.close()
    assert len(refused) > 40


async def test_another_tenant_finds_nothing_on_any_list(
    stranger: httpx.AsyncClient, document: dict[str, Any], system: RealSystem
) -> None:
    owner = {"authorization": f"Bearer {system.secrets['demo_api_key']}"}
    walked = {}
    for path, operations in document["paths"].items():
        if "get" not in operations or "{" in path or not path.startswith("/api/v1/") or path in NOT_OF_A_TENANT:
            continue
        if any(one.get("required") for one in operations["get"].get("parameters", ()) if one["in"] == "query"):
            continue  # a question about somebody, not a list
        theirs = await stranger.get(path)
        ours = await stranger.get(path, headers=owner)
        assert theirs.status_code == 200, (path, theirs.text)
        shown = ids_in(content(ours))
        assert not shown & ids_in(content(theirs)), path
        walked[path] = len(shown)

    assert len(walked) >= 18
    assert sum(count > 0 for count in walked.values()) >= 12


async def test_another_tenant_is_told_that_there_is_nothing_on_every_route_of_a_record(
    stranger: httpx.AsyncClient, document: dict[str, Any], system: RealSystem
) -> None:
    owner = {"authorization": f"Bearer {system.secrets['demo_api_key']}"}
    components = document["components"]["schemas"]
    walked, wrong = 0, {}
    for path, operations in document["paths"].items():
        collection, brace, _ = path.partition("/{")
        if not brace or path.startswith("/api/v1/reports/"):
            continue
        record = await _first(stranger, collection, owner)
        if record is None:
            continue
        place = path[path.index("{") : path.index("}") + 1]
        url, nowhere = path.replace(place, record["id"]), path.replace(place, str(new_id()))
        for method in ("get", "patch", "put", "post", "delete"):
            if method not in operations:
                continue
            answer = await _call(stranger, method, url, operations[method], record, components)
            walked += 1
            if answer.status_code == 200 and path.endswith(EXPLANATION):
                assert answer.json() == (await stranger.get(nowhere)).json(), path
            elif answer.status_code != 404:
                wrong[f"{method} {path}"] = (answer.status_code, answer.text[:200])

    assert wrong == {}
    assert walked >= 50


async def _first(client: httpx.AsyncClient, collection: str, owner: dict[str, str]) -> dict[str, Any] | None:
    answer = await client.get(collection, headers=owner, params={"limit": 1})
    items = answer.json().get("items", []) if answer.status_code == 200 else []
    return items[0] if items else None


async def _call(
    client: httpx.AsyncClient,
    method: str,
    url: str,
    operation: dict[str, Any],
    record: dict[str, Any],
    components: dict[str, Any],
) -> httpx.Response:
    body: dict[str, Any] = {}
    headers = {"if-match": f'"{record.get("version", 1)}"'}
    if "requestBody" in operation:
        kind, content = next(iter(operation["requestBody"]["content"].items()))
        is_json = kind == "application/json"
        body = {"json": smallest(content["schema"], components)} if is_json else {"content": b""}
        headers["content-type"] = kind
    return await client.request(method, url, headers=headers, **body)


async def test_the_figures_of_another_tenant_know_nothing_of_a_customer(
    stranger: httpx.AsyncClient, ending: Ending
) -> None:
    report = (await stranger.get(f"/api/v1/reports/customers/{ending.customer['id']}")).json()

    assert (report["opportunities_won"], report["won_value"], report["deliveries_accepted"]) == (0, [], 0)
