from base64 import b64encode
from typing import Any
from urllib.parse import quote_plus

import httpx
import pytest

from gateway_tests.identity.running import Company, at

PATH = "/api/v1/oauth/token"
GRANT = {"grant_type": "client_credentials"}


def basic(client_id: str, secret: str) -> dict[str, str]:
    text = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return {"authorization": f"Basic {b64encode(text.encode()).decode()}"}


def in_body(client: dict[str, Any]) -> dict[str, str]:
    return GRANT | {"client_id": client["public_id"], "client_secret": client["secret"]}


def error(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["cache-control"] == "no-store"
    return answer.status_code, answer.json()["error"]


@pytest.fixture
async def client(acme: Company) -> dict[str, Any]:
    """An OAuth2 client of the OA system."""
    return await acme.credential(
        kind="client", scopes=["users:read", "teams:read"], visibility="all", system="oa", language="zh"
    )


async def test_a_client_gets_a_token_by_basic_authentication(
    acme: Company, anybody: httpx.AsyncClient, client: dict[str, Any]
) -> None:
    answer = await anybody.post(PATH, data=GRANT, headers=basic(client["public_id"], client["secret"]))

    assert answer.status_code == 200, answer.text
    token = answer.json()
    assert (answer.headers["cache-control"], answer.headers["content-type"]) == ("no-store", "application/json")
    assert token == {
        "access_token": token["access_token"],
        "token_type": "Bearer",
        "expires_in": 600,
        "scope": "teams:read users:read",
    }
    async with acme.gateway.client(token["access_token"]) as machine:
        me = (await machine.get("/api/v1/auth/me")).json()
        assert (await machine.get("/api/v1/users")).status_code == 200
    assert (me["id"], me["kind"], me["system"], me["language"]) == (client["id"], "client", "oa", "zh")
    assert me["visibility"] == "all"


async def test_a_client_gets_a_token_by_parameters(anybody: httpx.AsyncClient, client: dict[str, Any]) -> None:
    answer = await anybody.post(PATH, data=in_body(client))

    assert answer.status_code == 200


async def test_scopes_can_be_narrowed_and_never_widened(
    acme: Company, anybody: httpx.AsyncClient, client: dict[str, Any]
) -> None:
    narrow = await anybody.post(PATH, data=in_body(client) | {"scope": "users:read"})
    wide = await anybody.post(PATH, data=in_body(client) | {"scope": "users:read users:write"})
    everything = await anybody.post(PATH, data=in_body(client) | {"scope": "*"})
    nothing = await anybody.post(PATH, data=in_body(client) | {"scope": " "})

    assert narrow.json()["scope"] == "users:read"
    async with acme.gateway.client(narrow.json()["access_token"]) as machine:
        assert (await machine.get("/api/v1/users")).status_code == 200
        assert (await machine.get("/api/v1/teams")).status_code == 403
    assert [error(answer) for answer in (wide, everything, nothing)] == [(400, "invalid_scope")] * 3


async def test_a_wrong_secret_is_refused_the_way_the_client_asked(
    anybody: httpx.AsyncClient, client: dict[str, Any]
) -> None:
    by_header = await anybody.post(PATH, data=GRANT, headers=basic(client["public_id"], "wrong"))
    by_body = await anybody.post(PATH, data=in_body(client) | {"client_secret": "wrong"})
    unknown = await anybody.post(PATH, data=in_body(client) | {"client_id": "0" * 64})
    nonsense = await anybody.post(PATH, data=in_body(client) | {"client_id": "somebody"})

    assert [error(answer) for answer in (by_header, by_body, unknown, nonsense)] == [(401, "invalid_client")] * 4
    assert by_header.headers["www-authenticate"] == 'Basic realm="crm", charset="UTF-8"'
    assert "www-authenticate" not in by_body.headers


async def test_an_api_key_is_no_client(acme: Company, anybody: httpx.AsyncClient) -> None:
    key = await acme.credential()
    secret = key["secret"][-43:]

    answer = await anybody.post(PATH, data=GRANT | {"client_id": key["public_id"], "client_secret": secret})

    assert error(answer) == (401, "invalid_client")


async def test_a_revoked_client_gets_no_more_tokens(
    admin: httpx.AsyncClient, anybody: httpx.AsyncClient, client: dict[str, Any]
) -> None:
    await admin.post(f"/api/v1/credentials/{client['id']}/revoke", json={}, headers=at(1))

    assert error(await anybody.post(PATH, data=in_body(client))) == (401, "invalid_client")


@pytest.mark.parametrize(
    ("content", "headers", "expected"),
    [
        ("grant_type=password", {}, (400, "unsupported_grant_type")),
        ("client_id=x&client_secret=y", {}, (400, "invalid_request")),
        ("", {}, (400, "invalid_request")),
        ("nonsense", {}, (400, "invalid_request")),
        ("grant_type=client_credentials&grant_type=client_credentials", {}, (400, "invalid_request")),
        ("grant_type=%ff", {}, (400, "invalid_request")),
        ("a=1&" * 30, {}, (400, "invalid_request")),
        ("a=" + "1" * 20_000, {}, (400, "invalid_request")),
        ("grant_type=client_credentials", {}, (401, "invalid_client")),
        ("grant_type=client_credentials&client_id=x", {}, (401, "invalid_client")),
        ("grant_type=client_credentials", {"authorization": "Bearer x"}, (401, "invalid_client")),
        ("grant_type=client_credentials", {"authorization": "Basic !"}, (401, "invalid_client")),
        ("grant_type=client_credentials", {"authorization": "Basic eA=="}, (401, "invalid_client")),
        ("grant_type=client_credentials", {"authorization": "Basic /////w=="}, (401, "invalid_client")),
        ("grant_type=client_credentials", {"content-type": "application/json"}, (400, "invalid_request")),
        (
            "grant_type=client_credentials&client_secret=x",
            {"authorization": "Basic eDp5"},
            (400, "invalid_request"),
        ),
    ],
)
async def test_what_is_no_token_request_is_refused(
    anybody: httpx.AsyncClient, content: str, headers: dict[str, str], expected: tuple[int, str]
) -> None:
    sent = {"content-type": "application/x-www-form-urlencoded"} | headers

    answer = await anybody.post(PATH, content=content, headers=sent)

    assert error(answer) == expected


async def test_other_grants_are_not_supported(anybody: httpx.AsyncClient, client: dict[str, Any]) -> None:
    answer = await anybody.post(PATH, data=in_body(client) | {"grant_type": "password"})

    assert error(answer) == (400, "unsupported_grant_type")
