"""Plain writes go a short way, and nobody can tell."""

from typing import Any
from uuid import UUID

import httpx
from fastapi.routing import APIRoute

from crm_platform.http.writing import is_plain
from crm_platform.testing.plugin import RunningService
from platform_tests.http.conftest import router

THING = UUID(int=7)
PLAIN, RESOLVED = (f"/v1/experiments/{THING}/{way}" for way in ("plain", "resolved"))
JSON = {"content-type": "application/json"}
GOOD = b'{"name": "a"}'

SENT: dict[str, dict[str, Any]] = {
    "as it has to be": {"content": GOOD},
    "with everything": {
        "content": b'{"name": "\xe5\xae\xa2", "count": 5}',
        "params": {"limit": "9"},
        "headers": {"if-match": '"4"'},
    },
    "another kind of JSON": {"content": GOOD, "headers": {"content-type": "application/merge-patch+json"}},
    "a lone surrogate": {"content": b'{"name": "\\ud800"}'},
    "no number": {"content": b'{"name": "a", "count": NaN}'},
    "no body": {"content": b""},
    "null": {"content": b"null"},
    "a list": {"content": b"[1]"},
    "half of it": {"content": b'{"name": '},
    "no text": {"content": b"\xff\xfe\x00"},
    "too deep": {"content": b"[" * 100_000},
    "no JSON": {"content": GOOD, "headers": {"content-type": "text/plain"}},
    "a member too long": {"content": b'{"name": "abcdef", "count": "x"}'},
    "a parameter out of range": {"content": GOOD, "params": {"limit": "10"}},
    "both": {"content": b"{}", "params": {"limit": "x"}},
    "an unknown parameter": {"content": GOOD, "params": {"colour": "red"}},
    "no ETag": {"content": GOOD, "headers": {"if-match": "4"}},
    "too much": {"content": b'{"name": "' + b"a" * 11_000_000 + b'"}'},
}


def told(answer: httpx.Response) -> tuple[int, Any]:
    """What differs by nothing but the way."""
    body = answer.json()
    if isinstance(body, dict):
        body = {name: value for name, value in body.items() if name not in {"instance", "correlation_id"}}
    return answer.status_code, body


def test_the_two_ways_are_two() -> None:
    ways = {route.name: is_plain(route) for route in router.routes if isinstance(route, APIRoute)}

    assert ways == {"stream": True, "colour": True, "swallow": True, "plain": True, "resolved": False}


async def test_a_request_is_answered_alike_on_both_ways(client: httpx.AsyncClient, service: RunningService) -> None:
    short, long = {}, {}
    for name, request in SENT.items():
        sent = {**request, "headers": JSON | request.get("headers", {})}
        short[name] = told(await client.post(PLAIN, **sent))
        ((value,),) = await service.sql("SELECT value FROM counters")
        await service.sql("UPDATE counters SET value = 0")
        long[name] = told(await client.post(RESOLVED, **sent))
        await service.sql("UPDATE counters SET value = 0")
        assert value == (1 if short[name][0] == httpx.codes.OK else 0), name

    assert short == long
    assert [name for name, (status, _) in short.items() if status == httpx.codes.OK] == [
        "as it has to be",
        "with everything",
        "another kind of JSON",
    ]


async def test_what_is_refused_begins_nothing(client: httpx.AsyncClient, service: RunningService) -> None:
    key = {**JSON, "idempotency-key": "k"}
    refused = await client.post(PLAIN, content=b"{}", headers=key)
    first = await client.post(PLAIN, content=GOOD, headers=key)
    again = await client.post(PLAIN, content=GOOD, headers=key)

    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/name")
    assert first.json() == again.json() == [str(THING), {"name": "a", "count": None}, None, 3, 1]
    assert (first.headers["etag"], again.headers["idempotent-replayed"]) == ('"1"', "true")
    assert await service.sql("SELECT value FROM counters") == [(1,)]
