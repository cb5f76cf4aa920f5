import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from asgi_lifespan import LifespanManager
from dirty_equals import IsStr, IsUUID
from pydantic import SecretStr
from starlette.applications import Starlette
from time_machine import Traveller

from crm_platform.auth.verifier import jwt_header
from crm_platform.context import Caller
from crm_platform.db import Database
from crm_platform.ids import new_id
from crm_platform.operator import operator_routes
from crm_platform.worker import Worker
from gateway.maintenance import maintain_once, maintenance
from gateway.signing_keys.domain import KeyState, Schedule, SigningKey, current, following, plan, state_of
from gateway.signing_keys.service import list_keys
from gateway.worker import create_worker
from gateway_tests.identity.running import Company, RunningGateway, StartGateway, problem

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
SCHEDULE = Schedule(interval=timedelta(days=30), lead=timedelta(minutes=10), keep=timedelta(minutes=20))


def key(name: str, use_from: timedelta) -> SigningKey:
    return SigningKey(name, {}, BEGIN, BEGIN + use_from, b"")


DAYS_30 = timedelta(days=30)
PAIR = [key("a", timedelta(0)), key("b", DAYS_30)]


@pytest.mark.parametrize(
    ("keys", "after", "make", "forget"),
    [
        ([], timedelta(0), [timedelta(0), DAYS_30], []),
        (PAIR[:1], timedelta(days=1), [DAYS_30], []),
        (PAIR, timedelta(days=29), [], []),
        (PAIR, DAYS_30, [2 * DAYS_30], []),
        (PAIR, DAYS_30 + timedelta(minutes=19), [2 * DAYS_30], []),
        (PAIR, DAYS_30 + timedelta(minutes=20), [2 * DAYS_30], ["a"]),
        (PAIR, timedelta(days=400), [timedelta(days=400, minutes=10)], ["a"]),
        (PAIR[1:], timedelta(days=1), [timedelta(days=1)], []),
    ],
    ids=["first start", "no next key", "in between", "due", "tokens out", "tokens over", "after a long rest", "lost"],
)
def test_there_is_always_a_key_in_use_and_one_to_follow(
    keys: list[SigningKey], after: timedelta, make: list[timedelta], forget: list[str]
) -> None:
    todo = plan(keys, BEGIN + after, SCHEDULE)

    assert [moment - BEGIN for moment in todo.make] == make
    assert list(todo.forget) == forget


def test_a_key_is_next_then_current_then_previous() -> None:
    keys = [*PAIR, key("c", 2 * DAYS_30)]
    moments = [BEGIN - timedelta(seconds=1), BEGIN + DAYS_30, BEGIN + 2 * DAYS_30]

    assert [state_of(keys[1], keys, moment) for moment in moments] == [
        KeyState.NEXT,
        KeyState.CURRENT,
        KeyState.PREVIOUS,
    ]
    assert current(keys, moments[0]) is None
    assert (current(keys, moments[1]), following(keys, moments[1])) == (keys[1], keys[2])
    assert following(keys, moments[2]) is None


async def key_set(gateway: RunningGateway) -> httpx.Response:
    async with gateway.client() as client:
        return await client.get("/.well-known/jwks.json")


async def test_the_key_set_has_the_present_and_the_next_key_and_nothing_private(gateway: RunningGateway) -> None:
    answer = await key_set(gateway)

    assert answer.json() == {
        "keys": [
            {"kty": "OKP", "crv": "Ed25519", "x": IsStr(regex="[A-Za-z0-9_-]{43}"), "kid": IsUUID(), "use": "sig"}
            for _ in range(2)
        ]
    }
    assert answer.headers["cache-control"] == "public, max-age=300"
    async with gateway.client(if_none_match=answer.headers["etag"]) as client:
        unchanged = await client.get("/.well-known/jwks.json")
    assert (unchanged.status_code, unchanged.content) == (304, b"")


async def test_private_keys_are_encrypted_in_the_database(gateway: RunningGateway) -> None:
    rows = await gateway.sql("SELECT public, sealed FROM signing_keys")

    for public, sealed in rows:
        assert '"d"' not in public
        assert b'"d"' not in sealed
        assert b"Ed25519" not in sealed


async def test_clients_find_keys_and_tokens_by_the_discovery_document(anybody: httpx.AsyncClient) -> None:
    document = (await anybody.get("/.well-known/openid-configuration")).json()

    assert document["issuer"] == "https://gateway.test"
    assert document["jwks_uri"] == "https://gateway.test/.well-known/jwks.json"
    assert document["token_endpoint"] == "https://gateway.test/api/v1/oauth/token"
    assert document["grant_types_supported"] == ["client_credentials"]
    assert "customers:read" in document["scopes_supported"]


async def test_gateways_that_start_together_make_one_pair_of_keys(start_gateway: StartGateway) -> None:
    gateways = await asyncio.gather(*(start_gateway() for _ in range(4)))

    sets = [(await key_set(gateway)).json() for gateway in gateways]

    assert await gateways[0].sql("SELECT count(*) FROM signing_keys") == [(2,)]
    assert all(one == sets[0] for one in sets)


async def test_a_token_of_one_gateway_opens_another(start_gateway: StartGateway) -> None:
    company = await (await start_gateway()).company()
    other = await start_gateway()

    async with other.client((await company.sign_in())["access_token"]) as client:
        assert (await client.get("/api/v1/users")).status_code == 200


@pytest.fixture
async def company(start_gateway: StartGateway, clock: Traveller) -> Company:  # noqa: ARG001  (time stands still)
    """A company at a gateway whose keys belong to this test."""
    return await (await start_gateway()).company()


async def maintain(company: Company) -> list[str]:
    """One round of the worker; returns the ids of the keys in the order of their use."""
    gateway = company.gateway
    await maintain_once(gateway.runtime.database, gateway.settings)
    return [key.kid for key in await list_keys(gateway.runtime.database)]


async def kid(company: Company) -> str:
    header = jwt_header((await company.sign_in())["access_token"])
    found: str = header["kid"]
    return found


async def opens(company: Company, token: str) -> int:
    async with company.gateway.client(token) as client:
        return (await client.get("/api/v1/auth/me")).status_code


async def test_keys_rotate_by_the_calendar_while_tokens_stay_good(company: Company, clock: Traveller) -> None:
    first, second = await maintain(company)
    assert await kid(company) == first
    clock.shift(timedelta(days=30, seconds=-1))
    token = (await company.sign_in())["access_token"]
    assert jwt_header(token)["kid"] == first

    clock.shift(timedelta(seconds=1))

    assert await kid(company) == second, "also before the worker has noticed"
    keys = await maintain(company)
    assert keys[:2] == [first, second]
    assert len(keys) == 3
    assert await opens(company, token) == 200
    clock.shift(timedelta(seconds=601 + 600))
    assert await maintain(company) == keys[1:]


async def test_the_next_key_is_published_long_before_it_signs(company: Company) -> None:
    [(lead,)] = await company.gateway.sql("SELECT max(use_from - published_at) FROM signing_keys")

    assert lead == timedelta(days=30)
    assert company.gateway.settings.key_lead == 2 * timedelta(seconds=company.gateway.settings.auth.jwks_max_age)


async def test_keys_that_nobody_can_open_are_replaced_at_once(start_gateway: StartGateway) -> None:
    company = await (await start_gateway()).company()
    token = (await company.sign_in())["access_token"]

    company.gateway = await start_gateway(kek="another key, since the first was lost")

    assert await opens(company, token) == 200, "what was signed stays signed"
    renewed = (await company.sign_in())["access_token"]
    assert jwt_header(renewed)["kid"] != jwt_header(token)["kid"]
    assert len((await key_set(company.gateway)).json()["keys"]) == 4


@pytest.fixture
async def operator(company: Company) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the worker's operator endpoints."""
    settings = company.gateway.settings.model_copy(update={"operator_token": SecretStr("operator")})
    worker: Worker = create_worker(settings)
    worker.database = company.gateway.runtime.database
    async with LifespanManager(Starlette(routes=operator_routes(worker))) as app:
        transport = httpx.ASGITransport(app.app, raise_app_exceptions=False)
        headers = {"authorization": "Bearer operator"}
        async with httpx.AsyncClient(transport=transport, base_url="http://worker.test", headers=headers) as client:
            yield client


def states(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return {item["kid"]: item["state"] for item in items}


async def test_an_operator_sees_the_keys(company: Company, operator: httpx.AsyncClient) -> None:
    first, second = await maintain(company)

    answer = await operator.get("/operator/signing-keys")

    assert states(answer) == {first: "current", second: "next"}
    assert set(answer.json()["items"][0]) == {"kid", "state", "published_at", "use_from"}


async def test_an_operator_rotates_as_soon_as_all_verifiers_can_know_the_next_key(
    company: Company, operator: httpx.AsyncClient, clock: Traveller
) -> None:
    first, second = await maintain(company)

    soon = await operator.post("/operator/signing-keys/rotate")
    assert states(soon) == {first: "current", second: "next"}
    clock.shift(timedelta(seconds=599))
    assert await kid(company) == first
    clock.shift(timedelta(seconds=1))
    assert await kid(company) == second
    third = (await maintain(company))[2]
    clock.shift(timedelta(hours=1))
    at_once = await operator.post("/operator/signing-keys/rotate", json={})

    assert states(at_once)[third] == "current"
    assert await kid(company) == third


async def test_a_key_in_wrong_hands_is_withdrawn_with_all_its_tokens(
    company: Company, operator: httpx.AsyncClient
) -> None:
    first, second = await maintain(company)
    stolen = (await company.sign_in())["access_token"]
    caller = Caller(id=new_id(), tenant_id=company.id, kind="apikey", scopes=frozenset({"customers:read"}))
    upstream = await company.gateway.runtime.upstream_token(caller)
    assert await opens(company, stolen) == 200

    answer = await operator.post("/operator/signing-keys/rotate", json={"compromised": True})

    assert (first in states(answer), states(answer)[second]) == (False, "current")
    assert len(states(answer)) == 2
    assert first not in (await key_set(company.gateway)).text
    assert await opens(company, stolen) == 401
    assert await kid(company) == second
    assert await opens(company, upstream) == 401
    assert await opens(company, await company.gateway.runtime.upstream_token(caller)) == 200, "not the old one"


async def test_operators_need_the_operator_token(operator: httpx.AsyncClient) -> None:
    for headers in ({"authorization": "Bearer wrong"}, {"authorization": ""}):
        for answer in (
            await operator.get("/operator/signing-keys", headers=headers),
            await operator.post("/operator/signing-keys/rotate", headers=headers),
        ):
            assert problem(answer) == (401, "unauthenticated")


async def test_an_order_with_a_typing_error_changes_nothing(company: Company, operator: httpx.AsyncClient) -> None:
    before = await maintain(company)

    answer = await operator.post("/operator/signing-keys/rotate", json={"compromized": True})

    assert problem(answer) == (422, "invalid_payload")
    assert await maintain(company) == before


async def test_maintenance_forgets_what_is_over_in_all_tenants(company: Company, clock: Traveller) -> None:
    other = await company.gateway.company()
    for one in (company, other):
        await one.sign_in()
        await one.try_sign_in("ghost@acme.test")
    clock.shift(timedelta(minutes=14))
    await maintain(company)
    assert await company.gateway.sql("SELECT count(*) FROM sign_in_tries") == [(2,)]
    clock.shift(timedelta(minutes=1))
    await maintain(company)
    assert await company.gateway.sql("SELECT count(*) FROM sign_in_tries") == [(0,)]
    clock.shift(timedelta(days=14))
    await maintain(company)
    assert await company.gateway.sql("SELECT count(*) FROM sessions") == [(2,)]
    clock.shift(timedelta(days=1))
    await maintain(company)

    assert await company.gateway.sql("SELECT count(*) FROM sessions") == [(0,)]
    assert await company.gateway.sql("SELECT count(*) FROM refresh_tokens") == [(0,)]


async def test_the_job_works_until_it_is_stopped_and_survives_a_database_that_is_away(company: Company) -> None:
    stop = asyncio.Event()
    settings = company.gateway.settings
    closed = Database(settings.db, name="never opened")

    jobs = [
        asyncio.create_task(maintenance(settings)(database, stop))
        for database in (company.gateway.runtime.database, closed)
    ]
    await maintain(company)
    stop.set()

    await asyncio.wait_for(asyncio.gather(*jobs), 5)
