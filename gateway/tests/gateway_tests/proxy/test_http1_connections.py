"""Which connections the HTTP client keeps, and how it reads."""

import asyncio

import pytest

from crm_platform.testing.waiting import until
from gateway.proxy.http1 import ConnectFailed, HttpError, Pool, Request, Response
from gateway.proxy.http1.response import HIGH_WATER
from gateway_tests.proxy.upstreams import CHUNKED, GET, OK, PATIENCE, Service, pool_of, whole
from gateway_tests.serving import free_socket, read_request


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (OK, b"ok"),
        (b"\r\n" + OK, b"ok"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK, b"ok"),
        (CHUNKED + b"2\r\nok\r\n0\r\n\r\n", b"ok"),
        (CHUNKED + b"1;a=b\r\no\r\n1\r\nk\r\n0\r\nX-Sum: 1\r\n\r\n", b"ok"),
        (CHUNKED + b"0\r\n\r\n", b""),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\n\r\n", b""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", b""),
    ],
)
async def test_a_whole_answer_leaves_the_connection_for_the_next(answer: bytes, body: bytes) -> None:
    service = Service(answer, answer, OK)
    async with pool_of(service) as pool:
        assert [(await whole(pool))[1] for _ in range(3)] == [body, body, b"ok"]

    assert (service.connections, len(service.requests)) == (1, 3)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        OK + OK,
        OK + b"more",
        OK + b"HTTP/1.1 200 OK\r\nContent-Le",
    ],
)
async def test_other_connections_are_not_used_again(answer: bytes) -> None:
    service = Service(answer)
    async with pool_of(service) as pool:
        assert await whole(pool) == (200, b"ok")
        await asyncio.wait_for(service.left.wait(), PATIENCE)
        assert await whole(pool) == (200, b"ok")

    assert service.connections == 2


async def test_a_body_without_length_ends_with_the_connection() -> None:
    async with pool_of(Service(b"HTTP/1.1 200 OK\r\n\r\nok", stays=False)) as pool:
        assert await whole(pool) == (200, b"ok")


async def test_the_answer_to_head_has_no_body_whatever_its_length() -> None:
    head = Request("HEAD", "/v1/customers", [])
    service = Service(OK[:-2], b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", OK)
    async with pool_of(service) as pool:
        response = await pool.send(head)
        assert (response.content_length, response.at_end) == (2, True)
        pool.release(response)
        assert await whole(pool, head) == (200, b"")
        assert await whole(pool) == (200, b"ok")

    assert service.connections == 1


async def test_a_body_that_follows_the_answer_to_head_is_not_taken_for_the_next_answer() -> None:
    service = Service(b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad")
    async with pool_of(service) as pool:
        assert await whole(pool, Request("HEAD", "/v1/customers", [])) == (200, b"")
        await asyncio.wait_for(service.left.wait(), PATIENCE)
        service.answers = (OK,)
        assert await whole(pool) == (200, b"ok")


async def test_what_comes_unasked_between_two_requests_ends_the_connection() -> None:
    unasked = asyncio.Event()
    left = asyncio.Event()

    async def conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(OK)
        await unasked.wait()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad")
        assert await reader.read() == b""
        left.set()

    async with pool_of(conversation) as pool:
        assert await whole(pool) == (200, b"ok")
        unasked.set()
        await asyncio.wait_for(left.wait(), PATIENCE)
        assert await whole(pool) == (200, b"ok")


async def test_a_connection_that_the_service_closed_is_not_used_again() -> None:
    service = Service(OK, stays=False)
    async with pool_of(service) as pool:

        async def noticed() -> bool:
            return pool.idle == 0

        for _ in range(3):
            assert await whole(pool) == (200, b"ok")
            await until(noticed)

    assert service.connections == 3


async def test_an_idle_connection_is_closed_after_a_while() -> None:
    service = Service(OK, OK)
    async with pool_of(service, keepalive_timeout=0.05) as pool:
        await whole(pool)
        await asyncio.wait_for(service.left.wait(), PATIENCE)
        assert await whole(pool) == (200, b"ok")

    assert service.connections == 2


async def test_an_answer_that_drips_arrives_as_it_comes() -> None:
    read = asyncio.Semaphore(0)

    async def conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        for part, pause in ((CHUNKED + b"2\r\no", 1), (b"k", 1), (b"\r\n0\r\n\r\n", 0)):
            for byte in part:
                writer.write(bytes([byte]))
                await writer.drain()
            if pause:
                await read.acquire()

    async with pool_of(conversation) as pool:
        response = await pool.send(GET)
        for expected in (b"o", b"k"):
            assert await response.read_some() == expected
            read.release()
        assert await response.read_some() == b""
        pool.release(response)


async def test_an_answer_that_is_not_read_is_not_taken_in_either() -> None:
    sent = 0

    async def conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        while True:
            writer.write(b"x" * HIGH_WATER)
            await writer.drain()
            sent += HIGH_WATER

    async with pool_of(conversation) as pool:
        response = await pool.send(GET)
        before = -1

        async def stalled() -> bool:
            nonlocal before
            before, still = sent, before == sent
            return still

        await until(stalled)
        assert sent < 500_000_000
        assert len(await response.read_some()) < 16 * HIGH_WATER
        pool.release(response)


async def test_whoever_stops_waiting_closes_the_connection() -> None:
    service = Service(b"")
    async with pool_of(service) as pool:
        asking = asyncio.ensure_future(pool.send(GET))
        await asyncio.wait_for(service.asked.wait(), PATIENCE)
        asking.cancel()
        await asyncio.wait_for(service.left.wait(), PATIENCE)

    assert asking.cancelled()


async def test_an_answer_that_was_not_read_to_its_end_closes_the_connection() -> None:
    service = Service(OK[:-1])
    async with pool_of(service) as pool:
        response = await pool.send(GET)
        pool.release(response)
        await asyncio.wait_for(service.left.wait(), PATIENCE)


async def test_closing_the_pool_closes_all_connections() -> None:
    idle, busy = Service(OK), Service(OK[:-1])
    async with pool_of(idle) as pool:
        await whole(pool)
        pool.close()
        await asyncio.wait_for(idle.left.wait(), PATIENCE)
    async with pool_of(busy) as pool:
        response: Response = await pool.send(GET)
        pool.close()
        await asyncio.wait_for(busy.left.wait(), PATIENCE)
        with pytest.raises(HttpError):
            await response.read(10)
        pool.release(response)


async def test_nobody_listens() -> None:
    with free_socket() as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with pytest.raises(ConnectFailed):
        await Pool(url, connect_timeout=PATIENCE, keepalive_timeout=1).send(GET)


@pytest.mark.parametrize("url", ["ftp://host", "http://", "/path"])
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match=url):
        Pool(url, connect_timeout=1, keepalive_timeout=1)
