import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import orjson
import pytest
from dirty_equals import IsUUID
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey
from time_machine import Traveller

from crm_platform.auth.verifier import TokenVerifier, jwt_header
from crm_platform.context import Caller
from crm_platform.errors import Unauthenticated
from gateway_tests.identity.running import ISSUER, Company, RunningGateway, problem


def claims_in(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    claims: dict[str, Any] = orjson.loads(decoded(body))
    return claims


def decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


async def me(gateway: RunningGateway, token: str) -> httpx.Response:
    async with gateway.client(token) as client:
        return await client.get("/api/v1/auth/me")


@pytest.mark.usefixtures("clock")
async def test_a_token_says_who_may_do_what(acme: Company) -> None:
    above = await acme.team("华东")
    own = await acme.team("上海", parent_id=above)
    below = await acme.team("浦东", parent_id=own)
    person = await acme.person("li@acme.test", roles=["manager"], team_id=own, language="zh", name="李雷")
    aside = await acme.team("Project X", manager_id=person.id)
    under_aside = await acme.team("Project X.1", parent_id=aside)

    token = (await acme.sign_in("li@acme.test"))["access_token"]

    now = int(time.time())
    claims = claims_in(token)
    assert jwt_header(token) == {"alg": "Ed25519", "kid": IsUUID(), "typ": "JWT"}
    assert claims == {
        "iss": ISSUER,
        "aud": "crm",
        "sub": person.id,
        "tid": str(acme.id),
        "typ": "user",
        "scope": claims["scope"],
        "vis": "team",
        "teams": claims["teams"],
        "loc": "zh",
        "name": "李雷",
        "sys": "crm",
        "iat": now,
        "exp": now + 600,
        "jti": IsUUID(),
    }
    assert claims["teams"][0] == own
    assert sorted(claims["teams"]) == sorted([own, below, aside, under_aside])
    assert {"customers:write", "reports:read", "users:read"} <= set(claims["scope"].split())
    assert {"users:write", "credentials:read", "*"}.isdisjoint(claims["scope"].split())


async def test_who_sees_everything_carries_no_list_of_teams(acme: Company) -> None:
    top = await acme.team("Top")
    for number in range(3):
        await acme.team(f"Team {number}", parent_id=top)
    await acme.person("boss@acme.test", roles=["viewer"], team_id=top)

    token = (await acme.sign_in("boss@acme.test"))["access_token"]

    assert (claims_in(token)["vis"], claims_in(token)["teams"]) == ("all", [top])


async def test_rights_of_several_roles_add_up(acme: Company) -> None:
    await acme.person("li@acme.test", roles=["agent", "auditor"])

    claims = claims_in((await acme.sign_in("li@acme.test"))["access_token"])

    assert claims["vis"] == "all"
    assert {"customers:write", "audit:read"} <= set(claims["scope"].split())


async def test_without_roles_nothing_is_allowed(acme: Company) -> None:
    await acme.person("li@acme.test")
    async with await acme.as_("li@acme.test") as li:
        answers = [await li.get(f"/api/v1/{path}") for path in ("users", "teams", "roles", "credentials")]
        own = await li.get("/api/v1/auth/me")

    assert [problem(answer) for answer in answers] == [(403, "forbidden")] * 4
    assert (own.json()["scopes"], own.json()["visibility"]) == ([], "own")


async def test_a_service_that_reads_the_key_set_accepts_the_token(gateway: RunningGateway, acme: Company) -> None:
    async def read_keys() -> Any:
        async with gateway.client() as client:
            return (await client.get("/.well-known/jwks.json")).json()

    verifier = TokenVerifier(gateway.settings.auth, read_keys)

    caller = await verifier.verify((await acme.sign_in())["access_token"])

    assert caller == Caller(
        id=acme.admin_id,
        tenant_id=acme.id,
        kind="user",
        scopes=frozenset({"*"}),
        visibility="all",
        name="admin",
        expires_at=caller.expires_at,
    )


class Forger:
    """Makes tokens that look right but for one thing."""

    def __init__(self, gateway: RunningGateway, token: str) -> None:
        self.claims = claims_in(token)
        self.kid = jwt_header(token)["kid"]
        self.gateway = gateway

    async def real_key(self) -> OKPKey:
        return (await self.gateway.runtime.keys.signer()).key

    async def public_key(self) -> dict[str, Any]:
        keys = (await self.gateway.runtime.keys.key_set())["keys"]
        found: dict[str, Any] = next(key for key in keys if key["kid"] == self.kid)
        return found

    async def signed(self, *, header: dict[str, Any] | None = None, **claims: Any) -> str:
        whole = {name: value for name, value in (self.claims | claims).items() if value is not None}
        key = await self.real_key()
        return jwt.encode({"alg": "Ed25519", "kid": self.kid, **(header or {})}, whole, key, algorithms=["Ed25519"])


@pytest.fixture
async def forger(gateway: RunningGateway, acme: Company) -> Forger:
    return Forger(gateway, (await acme.sign_in())["access_token"])


def unsigned(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"") -> str:
    parts = (orjson.dumps(header), orjson.dumps(claims), signature)
    return ".".join(urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


async def test_the_forger_makes_good_tokens_when_nothing_is_forged(gateway: RunningGateway, forger: Forger) -> None:
    assert (await me(gateway, await forger.signed())).status_code == 200


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://elsewhere.test"},
        {"iss": None},
        {"aud": "other"},
        {"aud": None},
        {"exp": 1},
        {"exp": None},
        {"exp": "never"},
        {"sub": "somebody"},
        {"sub": None},
        {"tid": None},
        {"tid": "*"},
        {"vis": "everything"},
        {"nbf": 2**40},
    ],
    ids=str,
)
async def test_a_token_with_a_wrong_claim_is_refused(
    gateway: RunningGateway, forger: Forger, claims: dict[str, Any]
) -> None:
    answer = await me(gateway, await forger.signed(**claims))

    assert problem(answer) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == 'Bearer realm="crm"'


async def test_a_token_without_a_signature_is_refused(gateway: RunningGateway, forger: Forger) -> None:
    for algorithm in ("none", "None", "NONE", ""):
        token = unsigned({"alg": algorithm, "kid": forger.kid, "typ": "JWT"}, forger.claims)
        assert problem(await me(gateway, token)) == (401, "unauthenticated"), algorithm


async def test_a_token_of_another_key_under_our_key_id_is_refused(gateway: RunningGateway, forger: Forger) -> None:
    foreign = OKPKey.generate_key("Ed25519", {"kid": forger.kid})
    token = jwt.encode({"alg": "Ed25519", "kid": forger.kid}, forger.claims, foreign, algorithms=["Ed25519"])

    assert problem(await me(gateway, token)) == (401, "unauthenticated")


async def test_a_token_of_an_unknown_key_is_refused(gateway: RunningGateway, forger: Forger) -> None:
    foreign = OKPKey.generate_key("Ed25519", {"kid": str(uuid4())})
    token = jwt.encode({"alg": "Ed25519", "kid": foreign.kid}, forger.claims, foreign, algorithms=["Ed25519"])

    assert problem(await me(gateway, token)) == (401, "unauthenticated")


async def test_our_public_key_is_no_shared_secret(gateway: RunningGateway, forger: Forger) -> None:
    public = await forger.public_key()
    for secret in (public["x"].encode(), orjson.dumps(public)):
        key = OctKey.import_key(secret)
        token = jwt.encode({"alg": "HS256", "kid": forger.kid}, forger.claims, key, algorithms=["HS256"])
        assert problem(await me(gateway, token)) == (401, "unauthenticated")


async def test_a_key_in_the_header_of_the_token_counts_for_nothing(gateway: RunningGateway, forger: Forger) -> None:
    foreign = OKPKey.generate_key("Ed25519")
    header = {"alg": "Ed25519", "jwk": foreign.as_dict(private=False)}
    token = jwt.encode(header, forger.claims, foreign, algorithms=["Ed25519"])

    assert problem(await me(gateway, token)) == (401, "unauthenticated")


async def test_a_changed_token_is_refused(gateway: RunningGateway, forger: Forger) -> None:
    header, body, signature = (await forger.signed()).split(".")
    stolen = urlsafe_b64encode(orjson.dumps(forger.claims | {"tid": str(uuid4())})).rstrip(b"=").decode()

    for token in (
        f"{header}.{stolen}.{signature}",
        f"{header}.{body}.",
        f"{header}.{body}",
        "x",
        f".{body}.{signature}",
    ):
        assert problem(await me(gateway, token)) == (401, "unauthenticated"), token


async def test_a_token_is_refused_once_it_has_expired_also_when_it_was_just_used(
    gateway: RunningGateway, acme: Company, clock: Traveller
) -> None:
    token = (await acme.sign_in())["access_token"]

    clock.shift(timedelta(seconds=599))
    assert (await me(gateway, token)).status_code == 200
    clock.shift(timedelta(seconds=2))

    assert problem(await me(gateway, token)) == (401, "unauthenticated")


@pytest.mark.parametrize(
    "headers",
    [{}, {"authorization": "Bearer"}, {"authorization": "Bearer "}, {"authorization": "Basic YTpi"}, {"x-api-key": ""}],
    ids=str,
)
async def test_without_a_token_nothing_opens(anybody: httpx.AsyncClient, headers: dict[str, str]) -> None:
    answer = await anybody.get("/api/v1/users", headers=headers)

    assert problem(answer) == (401, "unauthenticated")


async def test_the_token_for_services_says_what_the_caller_may(gateway: RunningGateway, acme: Company) -> None:
    made = await acme.credential(scopes=["customers:read"], visibility="all", system="erp")
    async with gateway.client(made["secret"]) as client:
        assert (await client.get("/api/v1/auth/me")).json()["kind"] == "apikey"
    caller = Caller(
        id=UUID(made["id"]),
        tenant_id=acme.id,
        kind="apikey",
        scopes=frozenset({"customers:read"}),
        visibility="all",
        name=made["name"],
        system="erp",
    )

    token = await gateway.runtime.upstream_token(caller)

    verified = await gateway.runtime.verifier.verify(token)
    assert replace(verified, expires_at=0.0) == caller


async def test_the_token_for_services_is_made_anew_only_near_its_end(
    gateway: RunningGateway, acme: Company, clock: Traveller
) -> None:
    caller = Caller(id=uuid4(), tenant_id=acme.id, kind="apikey", scopes=frozenset({"customers:read"}))
    first = await gateway.runtime.upstream_token(caller)

    clock.shift(timedelta(seconds=539))
    assert await gateway.runtime.upstream_token(caller) == first
    clock.shift(timedelta(seconds=1))
    second = await gateway.runtime.upstream_token(caller)

    assert second != first
    clock.shift(timedelta(seconds=61))
    with pytest.raises(Unauthenticated):
        await gateway.runtime.verifier.verify(first)
    assert (await gateway.runtime.verifier.verify(second)).id == caller.id


async def test_a_token_never_outlives_the_credential(gateway: RunningGateway, acme: Company) -> None:
    ends = time.time() + 90
    caller = Caller(id=uuid4(), tenant_id=acme.id, kind="apikey", scopes=frozenset(), expires_at=ends)

    token = await gateway.runtime.upstream_token(caller)

    assert claims_in(token)["exp"] == int(ends)
