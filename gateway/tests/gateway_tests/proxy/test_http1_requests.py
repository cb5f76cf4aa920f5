"""How the HTTP client sends."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from gateway.proxy.http1 import ProtocolViolation, Request
from gateway_tests.proxy.upstreams import GET, OK, Service, pool_of, whole


async def _pieces(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def _sent(request: Request) -> bytes:
    """What of ``request`` goes over the wire."""
    heard = b""

    async def conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal heard
        while not heard.endswith((b"\r\n\r\n", b"body")) or heard.endswith(b"chunked\r\n\r\n"):
            heard += await reader.read(1000)
        writer.write(OK)

    async with pool_of(conversation) as pool:
        assert await whole(pool, request) == (200, b"ok")
    return heard


@pytest.mark.parametrize(
    ("request_", "framed"),
    [
        (Request("POST", "/v1/x", [], b"body"), b"content-length: 4\r\n\r\nbody"),
        (Request("POST", "/v1/x", [], _pieces(b"bo", b"dy"), 4), b"content-length: 4\r\n\r\nbody"),
        (
            Request("POST", "/v1/x", [], _pieces(b"bo", b"", b"dy")),
            b"transfer-encoding: chunked\r\n\r\n2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n",
        ),
        (Request("POST", "/v1/x", []), b"content-length: 0\r\n\r\n"),
    ],
)
async def test_bodies_are_framed(request_: Request, framed: bytes) -> None:
    head, _, rest = (await _sent(request_)).partition(b"\r\nhost: 127.0.0.1:")

    assert head == b"POST /v1/x HTTP/1.1"
    assert rest.partition(b"\r\n")[2] == framed


async def test_a_request_without_body_has_no_length() -> None:
    assert b"content-length" not in await _sent(GET)


@pytest.mark.parametrize("pieces", [(b"bo",), (b"bo", b"dy!")])
async def test_a_body_of_another_length_than_announced_ends_the_exchange(pieces: tuple[bytes, ...]) -> None:
    heard = b""

    async def conversation(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        nonlocal heard
        heard = await reader.read()

    async with pool_of(conversation) as pool:
        with pytest.raises(ProtocolViolation):
            await whole(pool, Request("POST", "/v1/x", [], _pieces(*pieces), 4))

    assert not heard.endswith(b"dy!")


@pytest.mark.parametrize(
    "request_",
    [
        Request("GET", "/v1/x HTTP/1.1\r\nX-A: b", []),
        Request("GET", "/v1/x y", []),
        Request("GET", "v1/x", []),
        Request("GET /v1/y HTTP/1.1\r\n", "/v1/x", []),
        Request("GET", "/v1/x", [(b"x-a", b"1\r\nx-b: 2")]),
        Request("GET", "/v1/x", [(b"x-a", b"1\nx-b: 2")]),
        Request("GET", "/v1/x", [(b"x-a", b"1\rx-b: 2")]),
        Request("GET", "/v1/x", [(b"x-a\r\nx-b: 2", b"1")]),
        Request("GET", "/v1/x", [(b"x-a", b"\0")]),
    ],
)
async def test_a_request_that_would_be_two_is_not_sent(request_: Request) -> None:
    service = Service(OK)
    async with pool_of(service) as pool:
        with pytest.raises(ValueError, match="x"):
            await pool.send(request_)

    assert service.requests == []


async def test_an_early_answer_ends_the_sending_of_the_body() -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 1000

    async def conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
        while await reader.read(100_000):
            pass

    async with pool_of(conversation) as pool:
        assert await whole(pool, Request("POST", "/v1/x", [], endless())) == (413, b"no")
