"""The HTTP client against services that do not play by the rules."""

import asyncio

import pytest

from gateway.proxy.http1 import ConnectionBroke, ProtocolViolation
from gateway.proxy.http1.connection import MAX_HEADERS, MAX_UNPRODUCTIVE
from gateway_tests.proxy.upstreams import CHUNKED, GET, OK, PATIENCE, Service, pool_of, whole

HOSTILE = {
    "garbage": b"\x00\xff\x16\x03garbage\r\n\r\n",
    "another protocol": b"SSH-2.0-OpenSSH\r\n\r\n",
    "version": b"HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
    "status that is none": b"HTTP/1.1 000 OK\r\nContent-Length: 2\r\n\r\nok",
    "status beyond": b"HTTP/1.1 600 OK\r\nContent-Length: 2\r\n\r\nok",
    "unknown interim": b"HTTP/1.1 150 Hm\r\nContent-Length: 5\r\n\r\n" + OK,
    "switched protocols": b"HTTP/1.1 101 Go\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n" + OK,
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
    "list of lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok",
    "signed length": b"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok",
    "endless length": b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nok",
    "length, then chunks": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks, then length": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n",
    "other coding": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nok",
    "coding before chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "coding after chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "chunks twice": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks in HTTP/1.0": b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "bare line feeds": b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
    "folded header": b"HTTP/1.1 200 OK\r\nX-A: a\r\n b\r\nContent-Length: 2\r\n\r\nok",
    "space before colon": b"HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok",
    "no colon": b"HTTP/1.1 200 OK\r\nContent-Length\r\n\r\nok",
    "null in a header": b"HTTP/1.1 200 OK\r\nX-A: \0\r\nContent-Length: 2\r\n\r\nok",
    "carriage return in a header": b"HTTP/1.1 200 OK\r\nX-A: a\rX-B: b\r\nContent-Length: 2\r\n\r\nok",
    "too many headers": b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * (MAX_HEADERS + 1) + b"Content-Length: 2\r\n\r\nok",
    "endless header": b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * (4 * MAX_UNPRODUCTIVE),
    "endless name": b"HTTP/1.1 200 OK\r\n" + b"a" * (4 * MAX_UNPRODUCTIVE),
    "endless reason": b"HTTP/1.1 200 " + b"a" * (4 * MAX_UNPRODUCTIVE),
    "endless interims": b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * (MAX_UNPRODUCTIVE // 8),
}


@pytest.mark.parametrize("answer", HOSTILE.values(), ids=HOSTILE)
async def test_a_head_that_cannot_be_trusted_is_refused(answer: bytes) -> None:
    service = Service(answer)
    async with pool_of(service) as pool:
        with pytest.raises(ProtocolViolation):
            await whole(pool)
        await asyncio.wait_for(service.left.wait(), PATIENCE)

    assert len(service.requests) == 1


BROKEN_BODIES = {
    "negative size": b"-2\r\nok\r\n0\r\n\r\n",
    "size with a sign": b"+2\r\nok\r\n0\r\n\r\n",
    "size in another base": b"0x2\r\nok\r\n0\r\n\r\n",
    "no size": b"\r\nok\r\n0\r\n\r\n",
    "overflowing size": b"FFFFFFFFFFFFFFFFF\r\n",
    "longer than its size": b"2\r\nokay\r\n0\r\n\r\n",
    "bare line feed": b"2\nok\n0\n\n",
    "endless extension": b"2;" + b"a" * (4 * MAX_UNPRODUCTIVE),
    "endless trailer": b"2\r\nok\r\n0\r\nX-A: " + b"a" * (4 * MAX_UNPRODUCTIVE),
    "endless trailers": b"2\r\nok\r\n0\r\n" + b"X-A: a\r\n" * MAX_UNPRODUCTIVE,
}


@pytest.mark.parametrize("body", BROKEN_BODIES.values(), ids=BROKEN_BODIES)
async def test_chunks_that_cannot_be_trusted_are_refused(body: bytes) -> None:
    service = Service(CHUNKED + body)
    async with pool_of(service) as pool:
        with pytest.raises(ProtocolViolation):
            await whole(pool)
        await asyncio.wait_for(service.left.wait(), PATIENCE)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        OK[:-2],
        OK[:-1],
        CHUNKED + b"2\r\nok\r\n",
        CHUNKED + b"2\r\nok\r\n0\r\n",
        CHUNKED + b"5\r\nok",
    ],
)
async def test_an_answer_that_ends_early_is_no_answer(answer: bytes) -> None:
    async with pool_of(Service(answer, stays=False)) as pool:
        with pytest.raises(ConnectionBroke):
            await whole(pool)


async def test_what_came_before_the_break_can_be_read() -> None:
    async with pool_of(Service(CHUNKED + b"2\r\nok\r\n", stays=False)) as pool:
        response = await pool.send(GET)
        assert await response.read_some() == b"ok"
        with pytest.raises(ConnectionBroke):
            await response.read_some()
        pool.release(response)
