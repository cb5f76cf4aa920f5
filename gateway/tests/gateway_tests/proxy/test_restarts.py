"""A service that is restarted: requests wait for it, and none is lost or done twice."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from crm_platform.http.server import NOT_TAKEN, Server
from crm_platform.settings import HttpSettings
from crm_platform.testing.waiting import until
from crm_runtime.ports import free_ports
from gateway.proxy import ProxySettings
from gateway_tests.serving import RunningGateway, ServiceDouble, StartGateway, read_request, serve, serve_raw

PATIENT = ProxySettings(absence_patience=60.0)
HASTY = ProxySettings(absence_patience=0.2)


def address() -> tuple[str, int]:
    """An address at which nobody listens yet."""
    (port,) = free_ports(1)
    return f"http://127.0.0.1:{port}", port


def of_customers(gateway: RunningGateway) -> Any:
    return gateway.access.client.upstreams["customer-svc"]


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
async def test_whatever_was_not_sent_waits_for_the_service(start_gateway: StartGateway, method: str) -> None:
    url, port = address()
    customers = ServiceDouble()
    customers.answer("/v1/customers", {})
    gateway = await start_gateway({"customer-svc": url}, settings=PATIENT)
    async with gateway.client(gateway.caller()) as client:
        waiting = [asyncio.ensure_future(client.request(method, "/api/v1/customers", content=b"x")) for _ in range(5)]

        async def all_wait() -> bool:
            return bool(of_customers(gateway).in_flight == len(waiting))

        await until(all_wait)
        async with serve(customers, port=port):
            answers = await asyncio.gather(*waiting)

    assert [answer.status_code for answer in answers] == [200] * 5
    assert [(seen.method, seen.body) for seen in customers.requests] == [(method, b"x")] * 5
    assert (of_customers(gateway).retries, of_customers(gateway).failures) == (0, 0)


async def test_a_long_body_waits_untouched(start_gateway: StartGateway) -> None:
    url, port = address()
    customers = ServiceDouble()
    customers.answer("/v1/customers", {})
    gateway = await start_gateway({"customer-svc": url}, settings=PATIENT)
    async with gateway.client(gateway.caller()) as client:
        waiting = asyncio.ensure_future(client.post("/api/v1/customers", content=b"x" * 200_000))
        await until(lambda: asyncio.sleep(0, of_customers(gateway).in_flight == 1))
        async with serve(customers, port=port):
            answer = await waiting

    assert answer.status_code == 200
    assert [len(seen.body) for seen in customers.requests] == [200_000]


async def test_who_waits_is_told_within_the_deadline(start_gateway: StartGateway) -> None:
    gateway = await start_gateway({"customer-svc": address()[0]}, settings=PATIENT)
    async with gateway.client(gateway.caller()) as client:
        answer = await client.get("/api/v1/customers", headers={"crm-deadline-ms": "500"})

    assert (answer.status_code, answer.json()["code"]) == (503, "upstream_unavailable")


async def test_nobody_waits_for_a_service_that_stays_away_until_it_was_back(start_gateway: StartGateway) -> None:
    url, port = address()
    now = [1000.0]
    customers = ServiceDouble()
    customers.answer("/v1/customers", {})
    gateway = await start_gateway({"customer-svc": url}, settings=HASTY, clock=lambda: now[0])

    async with gateway.client(gateway.caller()) as client:

        async def status(**headers: str) -> int:
            return (await client.get("/api/v1/customers", headers=headers)).status_code

        first = asyncio.ensure_future(status())
        await until(lambda: asyncio.sleep(0, of_customers(gateway).in_flight == 1))
        now[0] += 0.3
        assert await first == 503
        # The clock stands still: who waited now would wait for its whole deadline.
        assert await asyncio.wait_for(status(), 10) == 503
        async with serve(customers, port=port):
            assert await status() == 200
        again = asyncio.ensure_future(status())
        async with serve(customers, port=port):
            assert await again == 200


async def test_a_request_that_was_not_taken_is_sent_again_whatever_it_is(start_gateway: StartGateway) -> None:
    requests: list[bytes] = []

    async def conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await read_request(reader))
        if len(requests) == 1:
            writer.write(NOT_TAKEN)
            return
        writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}")
        await writer.drain()
        await reader.read()

    async with serve_raw(conversation) as url:
        gateway = await start_gateway({"customer-svc": url})
        async with gateway.client(gateway.caller()) as client:
            answer = await client.post("/api/v1/customers", content=b"body")

    assert (answer.status_code, answer.content) == (201, b"{}")
    assert len(requests) == 2
    assert requests[0] == requests[1]
    assert of_customers(gateway).retries == 0


@pytest.mark.parametrize(
    ("head", "times"), [(NOT_TAKEN, 4), (NOT_TAKEN.replace(b"connection: close\r\n", b""), 1)], ids=["always", "kept"]
)
async def test_a_service_that_never_takes_it_is_believed(start_gateway: StartGateway, head: bytes, times: int) -> None:
    requests: list[bytes] = []

    async def conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await read_request(reader))
        writer.write(head)
        await writer.drain()
        await reader.read()

    async with serve_raw(conversation) as url:
        gateway = await start_gateway({"customer-svc": url})
        async with gateway.client(gateway.caller()) as client:
            answer = await client.post("/api/v1/customers", content=b"body")

    assert answer.status_code == 408
    assert len(requests) == times


class _Here(Server):
    """The server of an API process, inside of this one."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def _process(app: Any, port: int) -> AsyncIterator[None]:
    server = _Here(app, HttpSettings(port=port, drain_seconds=30), on_leaving=lambda: None)
    task = asyncio.create_task(server.serve())
    await until(lambda: asyncio.sleep(0, server.started))
    try:
        yield
    finally:
        server.should_exit = True
        await task


async def test_no_write_is_lost_or_done_twice_by_restarts(start_gateway: StartGateway) -> None:
    done: Counter[bytes] = Counter()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = (await receive())["body"]
        await asyncio.sleep(0.002)
        done[body] += 1
        await send({"type": "http.response.start", "status": 201, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    url, port = address()
    gateway = await start_gateway({"customer-svc": url}, settings=PATIENT)
    statuses: Counter[int] = Counter()
    stop = asyncio.Event()

    async def write(number: int) -> None:
        async with gateway.client(gateway.caller()) as client:
            count = 0
            while not stop.is_set():
                count += 1
                answer = await client.post("/api/v1/customers", content=b"%d-%d" % (number, count))
                statuses[answer.status_code] += 1
                await asyncio.sleep(0.01 * (number % 3))

    writers = [asyncio.create_task(write(number)) for number in range(8)]
    for _ in range(8):
        before = sum(done.values())
        async with _process(app, port):
            await until(lambda before=before: asyncio.sleep(0, sum(done.values()) > before + 40))  # type: ignore[misc]
    async with _process(app, port):
        stop.set()
        await asyncio.gather(*writers)

    assert statuses.keys() == {201}
    assert sum(done.values()) == len(done) == statuses[201]
    assert of_customers(gateway).retries == 0
