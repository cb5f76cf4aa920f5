import asyncio
import hashlib
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from gateway_tests.serving import RunningGateway, ServiceDouble, StartGateway, read_request, serve, serve_raw

CHUNK = bytes(range(256)) * 256
CHUNKS = 800
SIZE = len(CHUNK) * CHUNKS
DIGEST = hashlib.sha256(CHUNK * CHUNKS).hexdigest()
BUFFERS = SIZE // 2
"""Far more than the buffers of four sockets take, and far less than everything."""
STALLED_AFTER = 0.3


async def stalls(step: "asyncio.Future[None]") -> bool:
    """Whether ``step`` has to wait for the other side."""
    done, _ = await asyncio.wait({step}, timeout=STALLED_AFTER)
    return not done


class Source:
    """A service that sends 50 MB, and notices when it has to wait."""

    def __init__(self, *, sized: bool) -> None:
        self.headers = [(b"content-length", str(SIZE).encode())] if sized else []
        self.sent = 0
        self.stalled = asyncio.Event()
        self.abandoned = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope
        await receive()
        left = asyncio.ensure_future(receive())
        await send({"type": "http.response.start", "status": 200, "headers": self.headers})
        for _ in range(CHUNKS):
            step = asyncio.ensure_future(send({"type": "http.response.body", "body": CHUNK, "more_body": True}))
            if await stalls(step):
                self.stalled.set()
                await asyncio.wait({step})
            if left.done():
                self.abandoned.set()
                return
            self.sent += len(CHUNK)
        left.cancel()
        await send({"type": "http.response.body", "body": b""})


class Sink:
    """A service that takes 50 MB, after somebody said so."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self.arrived = asyncio.Event()
        self.digest = hashlib.sha256()
        self.taken = 0
        self.gone = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope
        self.arrived.set()
        await self.go_on.wait()
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.gone.set()
                return
            self.digest.update(message.get("body", b""))
            self.taken += len(message.get("body", b""))
            more = message.get("more_body", False)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": self.digest.hexdigest().encode()})


@pytest.mark.parametrize("sized", [True, False])
async def test_a_long_answer_streams_and_waits_for_a_slow_client(start_gateway: StartGateway, sized: bool) -> None:
    source = Source(sized=sized)
    async with serve(source) as serving:
        gateway = await start_gateway({"customer-svc": serving.url})
        async with gateway.client(gateway.caller()) as client, client.stream("GET", "/api/v1/customers") as answer:
            await asyncio.wait_for(source.stalled.wait(), 20)
            assert source.sent < BUFFERS
            digest = hashlib.sha256()
            async for chunk in answer.aiter_raw():
                digest.update(chunk)

    assert digest.hexdigest() == DIGEST
    assert answer.headers.get("content-length") == (str(SIZE) if sized else None)


@pytest.mark.parametrize("sized", [True, False])
async def test_a_long_body_streams_and_waits_for_a_slow_service(start_gateway: StartGateway, sized: bool) -> None:
    sink = Sink()
    given = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal given
        for _ in range(CHUNKS):
            yield CHUNK
            given += len(CHUNK)

    headers = {"content-length": str(SIZE)} if sized else {}
    async with serve(sink) as serving:
        gateway = await start_gateway({"customer-svc": serving.url}, body_bytes=2 * SIZE)
        async with gateway.client(gateway.caller(), **headers) as client:
            sending = asyncio.ensure_future(client.post("/api/v1/customers", content=body()))
            await asyncio.wait_for(sink.arrived.wait(), 20)
            seen = -1
            while seen < given:
                seen = given
                await asyncio.wait({sending}, timeout=STALLED_AFTER)
            assert given < BUFFERS
            sink.go_on.set()
            answer = await sending

    assert (answer.text, sink.taken) == (DIGEST, SIZE)


async def test_a_body_over_the_limit_is_cut_off_while_it_streams(start_gateway: StartGateway) -> None:
    sink = Sink()
    sink.go_on.set()

    async def body() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield CHUNK

    async with serve(sink) as serving:
        gateway = await start_gateway({"customer-svc": serving.url}, body_bytes=10 * len(CHUNK) - 1)
        async with gateway.client(gateway.caller()) as client:
            answer = await client.post("/api/v1/customers", content=body())
        await asyncio.wait_for(sink.gone.wait(), 5)

    assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")
    assert sink.taken < 10 * len(CHUNK)
    assert gateway.access.client.upstreams["customer-svc"].failures == 0


async def test_the_service_is_left_when_the_client_leaves_before_the_answer(start_gateway: StartGateway) -> None:
    customers = ServiceDouble(blocked={"/v1/customers"})
    async with serve(customers) as serving:
        gateway = await start_gateway({"customer-svc": serving.url})
        upstream = gateway.access.client.upstreams["customer-svc"]
        writer = await _ask(gateway)
        await asyncio.wait_for(customers.arrived.wait(), 5)
        assert upstream.in_flight == 1

        writer.close()

        await asyncio.wait_for(customers.abandoned.wait(), 5)
        metrics = await _metrics(gateway)
    assert (upstream.in_flight, upstream.failures) == (0, 0)
    assert 'route="/api/v1/customers",status="499"} 1.0' in metrics


async def test_the_service_is_left_when_the_client_leaves_in_the_middle(start_gateway: StartGateway) -> None:
    source = Source(sized=True)
    async with serve(source) as serving:
        gateway = await start_gateway({"customer-svc": serving.url})
        writer = await _ask(gateway)
        await asyncio.wait_for(source.stalled.wait(), 20)

        writer.transport.abort()

        await asyncio.wait_for(source.abandoned.wait(), 20)
    assert source.sent < BUFFERS
    assert gateway.access.client.upstreams["customer-svc"].in_flight == 0


async def test_the_service_is_left_when_the_client_leaves_while_sending(start_gateway: StartGateway) -> None:
    sink = Sink()
    sink.go_on.set()
    async with serve(sink) as serving:
        gateway = await start_gateway({"customer-svc": serving.url})
        writer = await _ask(gateway, method="POST", length=1_000_000, body=CHUNK)
        await asyncio.wait_for(sink.arrived.wait(), 5)

        writer.close()

        await asyncio.wait_for(sink.gone.wait(), 5)
    assert sink.taken <= len(CHUNK)
    assert gateway.access.client.upstreams["customer-svc"].failures == 0


@pytest.mark.parametrize(
    "framing", ["Content-Length: 1000\r\n\r\nhalf", "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"]
)
async def test_an_answer_that_breaks_off_breaks_off_for_the_client_too(
    start_gateway: StartGateway, framing: str
) -> None:
    asked = 0

    async def conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        await read_request(reader)
        asked += 1
        writer.write(f"HTTP/1.1 200 OK\r\n{framing}".encode())
        await writer.drain()

    async with serve_raw(conversation) as url:
        gateway = await start_gateway({"customer-svc": url})
        async with gateway.client(gateway.caller()) as client:
            with pytest.raises(httpx.RemoteProtocolError):
                await client.get("/api/v1/customers")

    assert asked == 1
    assert gateway.access.client.upstreams["customer-svc"].failures == 1


async def test_running_requests_are_finished_on_shutdown(start_gateway: StartGateway) -> None:
    customers = ServiceDouble(blocked={"/v1/customers"})
    customers.answer("/v1/customers", {"done": True})
    async with serve(customers) as serving:
        gateway = await start_gateway({"customer-svc": serving.url})
        async with gateway.client(gateway.caller()) as client:
            asking = asyncio.ensure_future(client.get("/api/v1/customers"))
            await asyncio.wait_for(customers.arrived.wait(), 5)

            stopping = asyncio.ensure_future(gateway.serving.stop())
            await asyncio.wait({stopping}, timeout=STALLED_AFTER)
            customers.release.set()

            assert (await asking).json() == {"done": True}
            await stopping


async def _ask(
    gateway: RunningGateway, *, method: str = "GET", length: int = 0, body: bytes = b""
) -> asyncio.StreamWriter:
    """Send a request by hand and leave the answer alone."""
    token = gateway.issuer.token(gateway.caller())
    _, writer = await asyncio.open_connection("127.0.0.1", gateway.serving.port)
    head = f"{method} /api/v1/customers HTTP/1.1\r\nHost: crm.test\r\nAuthorization: Bearer {token}\r\n"
    writer.write(f"{head}Content-Length: {length}\r\n\r\n".encode() + body)
    await writer.drain()
    return writer


async def _metrics(gateway: RunningGateway) -> str:
    async with gateway.client() as client:
        return (await client.get("/metrics")).text
