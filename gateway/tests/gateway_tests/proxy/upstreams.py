"""Raw services that answer as a test wants it, byte by byte, and the HTTP client towards them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.proxy.http1 import Pool, Request
from gateway_tests.serving import Conversation, read_request, serve_raw

GET = Request("GET", "/v1/customers", [])
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
PATIENCE = 30.0


class Service:
    """Answers each request on a connection with the next of ``answers``, and then closes it or not."""

    def __init__(self, *answers: bytes, stays: bool = True) -> None:
        self.answers = answers
        self.stays = stays
        self.connections = 0
        self.requests: list[bytes] = []
        self.asked = asyncio.Event()
        self.left = asyncio.Event()
        """The client has closed a connection."""

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            for answer in self.answers:
                self.requests.append(await read_request(reader))
                self.asked.set()
                writer.write(answer)
                await writer.drain()
            if self.stays:
                await reader.read()
        finally:
            self.left.set()


@asynccontextmanager
async def pool_of(service: Conversation, **options: float) -> AsyncIterator[Pool]:
    settings = {"connect_timeout": PATIENCE, "keepalive_timeout": PATIENCE} | options
    async with serve_raw(service) as url:
        pool = Pool(url, **settings)
        yield pool
        pool.close()


async def whole(pool: Pool, request: Request = GET) -> tuple[int, bytes]:
    """Status and body of the answer, or the error of whichever part fails."""
    async with asyncio.timeout(PATIENCE):
        response = await pool.send(request)
        try:
            return response.status, await response.read(10**9)
        finally:
            pool.release(response)
