"""Whatever is sent as a token: it is refused as one, and never an error of ours."""

import asyncio
from base64 import urlsafe_b64encode
from typing import Any

import orjson
import pytest

from crm_platform.auth.verifier import TokenVerifier
from crm_platform.errors import Unauthenticated, Unavailable
from crm_platform.testing.identity import TokenIssuer, caller

HEADERS: list[Any] = [
    {},
    [],
    None,
    5,
    {"alg": []},
    {"alg": {}},
    {"alg": 5},
    {"alg": "none"},
    {"alg": "HS256"},
    {"alg": "Ed25519", "crit": 5},
    {"alg": "Ed25519", "crit": ["x"]},
    {"alg": "Ed25519", "b64": False, "crit": ["b64"]},
    {"alg": "Ed25519", "kid": []},
    {"alg": "Ed25519", "kid": {}},
    {"alg": "Ed25519", "kid": None},
    {"alg": "Ed25519", "jwk": 5},
    {"alg": "Ed25519", "typ": 5},
    {"alg": "Ed25519", "x5c": 5},
]
CLAIMS: list[dict[str, Any]] = [
    {"iss": []},
    {"iss": None},
    {"aud": {}},
    {"exp": "soon"},
    {"exp": []},
    {"exp": None},
    {"exp": True},
    {"nbf": "x"},
    {"iat": {}},
    {"sub": 5},
    {"teams": 5},
    {"scope": 5},
    {"loc": 5},
    {"typ": 5},
    {"vis": []},
]


@pytest.fixture
def verifier(issuer: TokenIssuer) -> TokenVerifier:
    return TokenVerifier(issuer.settings)


def encoded(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


@pytest.mark.parametrize("header", HEADERS, ids=str)
@pytest.mark.parametrize("named", [True, False], ids=["known key", "no key"])
async def test_an_odd_header_is_refused(verifier: TokenVerifier, issuer: TokenIssuer, header: Any, named: bool) -> None:
    _, payload, signature = issuer.token(caller()).split(".")
    if named and isinstance(header, dict):
        header = {"kid": "test-key", **header}

    for rest in (f"{payload}.{signature}", f"{payload}.{signature}.{payload}.{signature}"):
        with pytest.raises(Unauthenticated):
            await verifier.verify(f"{encoded(orjson.dumps(header))}.{rest}")


@pytest.mark.parametrize("claims", CLAIMS, ids=str)
async def test_odd_claims_are_refused_even_if_they_are_signed(
    verifier: TokenVerifier, issuer: TokenIssuer, claims: dict[str, Any]
) -> None:
    with pytest.raises(Unauthenticated):
        await verifier.verify(issuer.token(caller(), **claims))


@pytest.mark.parametrize(
    "template",
    [
        "",
        "..",
        "é.é.é",
        "{header}.{payload}",
        "{header}.{payload}.",
        "{header}.{payload}.AAAA",
        "{header}.{payload}.{signature}.x",
        ".{header}.{payload}.{signature}",
        "{header}..{payload}.{signature}",
        encoded(b"[" * 100_000) + ".{payload}.{signature}",
        encoded(b"\xff\xfe") + ".{payload}.{signature}",
    ],
    ids=range(11),
)
async def test_a_damaged_token_is_refused(verifier: TokenVerifier, issuer: TokenIssuer, template: str) -> None:
    good = issuer.token(caller())
    assert (await verifier.verify(good)).name == "Test"

    with pytest.raises(Unauthenticated):
        await verifier.verify(
            template.format_map(dict(zip(("header", "payload", "signature"), good.split("."), strict=True)))
        )


async def test_while_the_keys_cannot_be_read_nobody_waits_for_the_others(issuer: TokenIssuer) -> None:
    attempts = 0

    async def read_keys() -> Any:
        nonlocal attempts
        attempts += 1
        await asyncio.sleep(0.05)
        raise OSError("the gateway is not there yet")

    verifier = TokenVerifier(issuer.settings, read_keys)
    token = issuer.token(caller())

    outcomes = await asyncio.gather(*(verifier.verify(token) for _ in range(50)), return_exceptions=True)

    assert {type(outcome) for outcome in outcomes} == {Unavailable}
    assert attempts == 1
