"""Rights that were taken away hand nothing on, however fresh the token that still names them."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from crm_platform.clock import utc_now
from gateway_tests.identity.running import PASSWORD, Company, RunningGateway, StartGateway, at, problem, until

CREDENTIALS = "/api/v1/credentials"
MAKER = "maker@acme.test"


async def attempts(client: httpx.AsyncClient) -> list[httpx.Response]:
    """What somebody would do who wants to stay in."""
    user = {"email": "second-me@acme.test", "name": "Second me", "password": PASSWORD}
    return [
        await client.post(CREDENTIALS, json={"name": "back door", "scopes": ["customers:read"]}),
        await client.post("/api/v1/users", json=user),
        await client.post("/api/v1/users/batch", json={"items": [{"email": "x@acme.test", "name": "X"}]}),
        await client.post("/api/v1/roles", json={"name": "back-door", "title": "B", "scopes": ["customers:read"]}),
        await client.post("/api/v1/teams", json={"name": "Back door"}),
        await client.post("/api/v1/teams/batch", json={"items": [{"name": "Back door"}]}),
    ]


async def written(acme: Company) -> list[tuple[Any, ...]]:
    """How many of each kind there are."""
    return await acme.sql(
        "SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM credentials),"
        " (SELECT count(*) FROM roles), (SELECT count(*) FROM teams)"
    )


async def test_a_token_of_somebody_who_was_deactivated_makes_nothing_that_lasts(
    acme: Company, admin: httpx.AsyncClient
) -> None:
    person = await acme.person(MAKER, roles=["admin"])
    async with await acme.as_(MAKER) as maker:
        await admin.post(f"{person.path}/deactivate", headers=at(1))
        before = await written(acme)

        answers = await attempts(maker)
        activate = await maker.post(f"{person.path}/activate", headers=at(2))

    assert [problem(answer) for answer in [*answers, activate]] == [(401, "unauthenticated")] * 7
    assert "the account is inactive" in answers[0].json()["detail"]
    assert await written(acme) == before


async def test_a_token_from_before_a_demotion_does_not_undo_it(acme: Company, admin: httpx.AsyncClient) -> None:
    person = await acme.person(MAKER, roles=["admin"])
    async with await acme.as_(MAKER) as maker:
        await admin.patch(person.path, json={"roles": ["viewer"]}, headers=at(1))
        before = await written(acme)

        answers = await attempts(maker)
        promote = await maker.patch(person.path, json={"roles": ["admin"]}, headers=at(2))

    assert [problem(answer) for answer in [*answers, promote]] == [(403, "forbidden")] * 7
    assert await written(acme) == before


async def test_what_is_left_of_the_rights_can_still_be_used(acme: Company, admin: httpx.AsyncClient) -> None:
    keys = {"name": "keys", "title": "K", "scopes": ["credentials:write", "customers:read"], "visibility": "team"}
    assert (await admin.post("/api/v1/roles", json=keys)).status_code == 201
    person = await acme.person(MAKER, roles=["admin"])
    async with await acme.as_(MAKER) as maker:
        await admin.patch(person.path, json={"roles": ["keys"]}, headers=at(1))

        beyond = [
            await maker.post(CREDENTIALS, json={"name": "a", "scopes": ["customers:write"]}),
            await maker.post(CREDENTIALS, json={"name": "a", "scopes": ["customers:read"], "visibility": "all"}),
        ]
        within = await maker.post(CREDENTIALS, json={"name": "a", "scopes": ["customers:read"], "visibility": "team"})

    assert [problem(answer) for answer in beyond] == [(403, "beyond_own_rights")] * 2
    assert within.status_code == 201


@pytest.mark.parametrize("kind", ["api_key", "client"])
async def test_a_credential_that_was_revoked_makes_nothing_that_lasts(
    acme: Company, admin: httpx.AsyncClient, anybody: httpx.AsyncClient, kind: str
) -> None:
    scopes = ["credentials:write", "users:write", "roles:write", "teams:write", "customers:read"]
    made = await acme.credential(kind=kind, scopes=scopes)
    token = made["secret"]
    if kind == "client":
        form = {"grant_type": "client_credentials", "client_id": made["public_id"], "client_secret": token}
        token = (await anybody.post("/api/v1/oauth/token", data=form)).json()["access_token"]
    async with acme.gateway.client(token) as machine:
        assert (await machine.get("/api/v1/auth/me")).status_code == 200
        await admin.post(f"{CREDENTIALS}/{made['id']}/revoke", json={}, headers=at(1))
        before = await written(acme)

        answers = await attempts(machine)

    assert [problem(answer) for answer in answers] == [(401, "unauthenticated")] * 6
    assert await written(acme) == before


async def test_with_its_maker_a_credential_ends_and_so_does_what_was_made_with_it(
    start_gateway: StartGateway,
) -> None:
    gateway = await start_gateway(api_key_cache_seconds=0)
    acme = await gateway.company()
    other = await acme.credential(scopes=["users:read"])
    person = await acme.person(MAKER, roles=["admin"])
    async with await acme.as_(MAKER) as maker:
        body = {"name": "first", "scopes": ["credentials:write", "users:read"]}
        first = (await maker.post(CREDENTIALS, json=body)).json()
    async with gateway.client(first["secret"]) as machine:
        second = (await machine.post(CREDENTIALS, json={"name": "second", "scopes": ["users:read"]})).json()
    async with gateway.client(second["secret"]) as machine:
        assert (await machine.get("/api/v1/users")).status_code == 200

    async with await acme.as_() as admin:
        assert (await admin.post(f"{person.path}/deactivate", headers=at(1))).status_code == 200
        assert (await admin.post(f"{person.path}/activate", headers=at(2))).status_code == 200

    answers = []
    for made in (first, second, other):
        async with gateway.client(made["secret"]) as machine:
            answers.append((await machine.get("/api/v1/users")).status_code)
    assert answers == [401, 401, 200]
    told = await acme.sql(
        "SELECT aggregate_id::text, convert_from(payload, 'UTF8')::json ->> 'reason' FROM outbox"
        " WHERE type = 'credential.revoked' ORDER BY id"
    )
    assert told == [(made["id"], "its maker was deactivated") for made in (first, second)]


async def test_with_a_revoked_credential_ends_what_was_made_with_it(
    start_gateway: StartGateway,
) -> None:
    gateway = await start_gateway(api_key_cache_seconds=0)
    acme = await gateway.company()
    first = await acme.credential(scopes=["credentials:write", "users:read"])
    async with gateway.client(first["secret"]) as machine:
        second = (await machine.post(CREDENTIALS, json={"name": "second", "scopes": ["users:read"]})).json()

    async with await acme.as_() as admin:
        await admin.post(f"{CREDENTIALS}/{first['id']}/revoke", json={"reason": "leaked"}, headers=at(1))
        shown = (await admin.get(f"{CREDENTIALS}/{second['id']}")).json()

    assert (shown["status"], shown["version"]) == ("revoked", 2)
    async with gateway.client(second["secret"]) as machine:
        assert (await machine.get("/api/v1/users")).status_code == 401


async def test_a_credential_does_not_outlive_the_one_it_was_made_with(acme: Company) -> None:
    tomorrow = (utc_now() + timedelta(days=1)).replace(microsecond=0)
    made = await acme.credential(scopes=["credentials:write", "users:read"], expires_at=tomorrow.isoformat())
    body = {"scopes": ["users:read"]}
    async with acme.gateway.client(made["secret"]) as machine:
        silent = await machine.post(CREDENTIALS, json=body | {"name": "silent"})
        later = (tomorrow + timedelta(seconds=1)).isoformat()
        longer = await machine.post(CREDENTIALS, json=body | {"name": "longer", "expires_at": later})

    assert (silent.status_code, silent.json()["expires_at"]) == (201, f"{tomorrow:%Y-%m-%dT%H:%M:%S}+00:00")
    assert problem(longer) == (403, "beyond_own_rights")
    assert await acme.sql("SELECT count(*) FROM credentials") == [(2,)]


async def test_nobody_is_shut_out_in_the_middle_of_making_a_credential(
    gateway: RunningGateway, acme: Company, admin: httpx.AsyncClient
) -> None:
    """Else the deactivation would not see the credential, and the credential not the deactivation."""
    person = await acme.person(MAKER, roles=["admin"])
    connection = await asyncpg.connect(gateway.admin_url)
    try:
        await connection.execute("SET search_path TO gateway")
        async with await acme.as_(MAKER) as maker:
            async with connection.transaction():
                await connection.execute("LOCK TABLE credentials IN SHARE MODE")
                body = {"name": "in between", "scopes": ["users:read"]}
                making = asyncio.create_task(maker.post(CREDENTIALS, json=body))
                await until(connection, "locktype = 'relation'", waiting=1)
                with pytest.raises(asyncpg.LockNotAvailableError):
                    async with connection.transaction():
                        await connection.execute(
                            "SELECT 1 FROM users WHERE id = $1::text::uuid FOR NO KEY UPDATE NOWAIT", person.id
                        )
            made = await making
    finally:
        await connection.close()

    assert made.status_code == 201
    assert (await admin.post(f"{person.path}/deactivate", headers=at(1))).status_code == 200
    assert await acme.sql("SELECT status FROM credentials") == [("revoked",)]
