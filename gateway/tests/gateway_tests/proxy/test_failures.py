import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Callable

import pytest

from gateway.proxy import ProxySettings
from gateway.proxy.breaker import BreakerState
from gateway.proxy.upstream import Upstream
from gateway_tests.serving import (
    RunningGateway,
    ServiceDouble,
    StartGateway,
    free_socket,
    read_request,
    serve,
    serve_raw,
)

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
PATIENT = ProxySettings(patience=0.05)
HASTY = ProxySettings(absence_patience=0.0)


class Flaky:
    """A service that closes the connection in answer to the first ``failures`` requests."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.requests: list[bytes] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            self.requests.append(await read_request(reader))
            if self.failures > 0:
                self.failures -= 1
                return
            writer.write(OK.removesuffix(b"ok") if self.requests[-1].startswith(b"HEAD ") else OK)
            await writer.drain()


@pytest.fixture
def flaky() -> Flaky:
    return Flaky()


@pytest.fixture
async def gateway(start_gateway: StartGateway, flaky: Flaky) -> AsyncIterator[RunningGateway]:
    async with serve_raw(flaky) as url:
        yield await start_gateway({"customer-svc": url})


def upstream_of(gateway: RunningGateway) -> Upstream:
    return gateway.access.client.upstreams["customer-svc"]


def free_address() -> str:
    """An address at which nobody listens."""
    with free_socket() as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_reads_are_repeated_once(gateway: RunningGateway, flaky: Flaky, method: str) -> None:
    flaky.failures = 1
    async with gateway.client(gateway.caller()) as client:
        answer = await client.request(method, "/api/v1/customers?limit=1")

    assert answer.status_code == 200
    assert len(flaky.requests) == 2
    assert flaky.requests[0] == flaky.requests[1]
    assert upstream_of(gateway).retries == 1


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
async def test_writes_with_an_idempotency_key_are_repeated_once(
    gateway: RunningGateway, flaky: Flaky, method: str
) -> None:
    flaky.failures = 1
    async with gateway.client(gateway.caller()) as client:
        client.headers["idempotency-key"] = "k"
        answer = await client.request(method, "/api/v1/customers", content=b"the same body")

    assert answer.status_code == 200
    assert len(flaky.requests) == 2
    assert flaky.requests[0] == flaky.requests[1]
    assert flaky.requests[0].endswith(b"the same body")


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE", "OPTIONS"])
async def test_writes_without_one_are_not_repeated(gateway: RunningGateway, flaky: Flaky, method: str) -> None:
    flaky.failures = 1
    async with gateway.client(gateway.caller()) as client:
        answer = await client.request(method, "/api/v1/customers", content=b"body")

    assert (answer.status_code, answer.json()["code"]) == (503, "upstream_unavailable")
    assert len(flaky.requests) == 1
    assert upstream_of(gateway).retries == 0


async def test_a_second_failure_is_reported(gateway: RunningGateway, flaky: Flaky) -> None:
    flaky.failures = 5
    async with gateway.client(gateway.caller()) as client:
        answer = await client.get("/api/v1/customers")

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (503, "upstream_unavailable")
    assert problem["detail"] == "The service `customer-svc` does not answer at the moment; try again shortly."
    assert (problem["instance"], answer.headers["retry-after"]) == ("/api/v1/customers", "1")
    assert len(flaky.requests) == 2


async def test_also_on_a_connection_that_was_used_before(gateway: RunningGateway, flaky: Flaky) -> None:
    async with gateway.client(gateway.caller()) as client:
        assert (await client.get("/api/v1/customers")).status_code == 200
        flaky.failures = 9
        answers = [(await client.request(method, "/api/v1/customers")).status_code for method in ("GET", "DELETE")]

    assert answers == [503, 503]
    assert len(flaky.requests) == 1 + 2 + 1


async def test_a_body_that_streams_cannot_be_repeated(gateway: RunningGateway, flaky: Flaky) -> None:
    flaky.failures = 1
    async with gateway.client(gateway.caller()) as client:
        client.headers["idempotency-key"] = "k"
        answer = await client.post("/api/v1/customers", content=b"x" * 200_000)

    assert answer.status_code == 503
    assert len(flaky.requests) == 1


async def test_an_answer_with_an_error_is_not_repeated(start_gateway: StartGateway) -> None:
    customers = ServiceDouble()
    customers.answer("/v1/customers", {"code": "unavailable"}, 503)
    async with serve(customers) as serving:
        gateway = await start_gateway({"customer-svc": serving.url})
        async with gateway.client(gateway.caller()) as client:
            answer = await client.get("/api/v1/customers")

    assert (answer.status_code, answer.json()) == (503, {"code": "unavailable"})
    assert len(customers.requests) == 1


async def test_no_storm_of_retries(gateway: RunningGateway, flaky: Flaky) -> None:
    flaky.failures = 10_000
    calls = 19  # one fewer than the breaker needs
    async with gateway.client(gateway.caller()) as client:
        for _ in range(calls):
            await client.get("/api/v1/customers")

    earned = 0.2 * calls
    assert len(flaky.requests) == calls + 3 + int(earned)


async def test_a_reset_connection(start_gateway: StartGateway) -> None:
    async def conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        raw: socket.socket = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    async with serve_raw(conversation) as url:
        gateway = await start_gateway({"customer-svc": url})
        async with gateway.client(gateway.caller()) as client:
            answer = await client.get("/api/v1/customers")

    assert (answer.status_code, answer.json()["code"]) == (503, "upstream_unavailable")


async def test_an_answer_that_is_not_http(start_gateway: StartGateway) -> None:
    async def conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"SSH-2.0-OpenSSH\r\n\r\n")
        await writer.drain()

    async with serve_raw(conversation) as url:
        gateway = await start_gateway({"customer-svc": url})
        async with gateway.client(gateway.caller()) as client:
            answer = await client.get("/api/v1/customers")

    assert (answer.status_code, answer.json()["code"]) == (503, "upstream_unavailable")


async def test_a_service_that_is_not_there(start_gateway: StartGateway) -> None:
    gateway = await start_gateway({"customer-svc": free_address()}, settings=HASTY)
    async with gateway.client(gateway.caller()) as client:
        answer = await client.post("/api/v1/customers", json={}, headers={"accept-language": "zh-CN"})

    assert (answer.status_code, answer.json()["code"]) == (503, "upstream_unavailable")
    assert answer.json()["detail"] == "服务“customer-svc”暂时没有响应，请稍后重试。"


async def test_a_service_that_accepts_no_connection(start_gateway: StartGateway) -> None:
    # A listener whose queue is full behaves like a machine that is gone: packets get no answer.
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    fillers = [socket.socket() for _ in range(4)]
    for filler in fillers:
        filler.setblocking(False)
        filler.connect_ex(listener.getsockname())
    gateway = await start_gateway(
        {"customer-svc": f"http://127.0.0.1:{listener.getsockname()[1]}"},
        settings=ProxySettings(connect_timeout=0.2, absence_patience=0.0),
    )
    async with gateway.client(gateway.caller()) as client:
        answer = await client.get("/api/v1/customers", headers={"crm-deadline-ms": "10000"})
    for each in (*fillers, listener):
        each.close()

    assert (answer.status_code, answer.json()["code"]) == (503, "upstream_unavailable")


@pytest.mark.parametrize("milliseconds", [1, 1000])
async def test_a_slow_service_is_given_up_within_the_deadline(start_gateway: StartGateway, milliseconds: int) -> None:
    customers = ServiceDouble(blocked={"/v1/customers"})
    loop = asyncio.get_running_loop()
    async with serve(customers) as serving:
        gateway = await start_gateway({"customer-svc": serving.url}, settings=PATIENT)
        async with gateway.client(gateway.caller()) as client:
            started = loop.time()
            answer = await client.get("/api/v1/customers", headers={"crm-deadline-ms": str(milliseconds)})
            took = loop.time() - started
        if milliseconds > 1:
            await asyncio.wait_for(customers.abandoned.wait(), 5)

    assert (answer.status_code, answer.json()["code"]) == (504, "deadline_exceeded")
    assert milliseconds == 1 or "`customer-svc` did not answer" in answer.json()["detail"]
    assert took < milliseconds / 1000 + 0.5
    assert upstream_of(gateway).failures == (1 if milliseconds > 1 else 0)  # haste is not the service's fault


async def test_an_answer_that_never_ends_is_cut_off_at_the_deadline(start_gateway: StartGateway) -> None:
    async def conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
        await reader.read()

    async with serve_raw(conversation) as url:
        gateway = await start_gateway({"customer-svc": url})
        reader, writer = await asyncio.open_connection("127.0.0.1", gateway.serving.port)
        token = gateway.issuer.token(gateway.caller())
        head = f"GET /api/v1/customers HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\ncrm-deadline-ms: 1500"
        writer.write(f"{head}\r\n\r\n".encode())
        answer = await asyncio.wait_for(reader.read(), 5)
        writer.close()

    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"\r\n\r\nhalf")


async def test_too_many_requests_at_a_time_are_refused_at_once(start_gateway: StartGateway) -> None:
    customers = ServiceDouble(blocked={"/v1/customers"})
    customers.answer("/v1/customers", {})
    async with serve(customers) as serving:
        gateway = await start_gateway({"customer-svc": serving.url}, settings=ProxySettings(max_in_flight=2))
        async with gateway.client(gateway.caller()) as client:
            waiting = [asyncio.ensure_future(client.get("/api/v1/customers")) for _ in range(3)]
            done, pending = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED, timeout=10)
            customers.release.set()
            later = [(await task).status_code for task in pending]
            again = await client.get("/api/v1/customers")

    [refused] = [task.result() for task in done]
    assert (refused.status_code, refused.json()["code"]) == (503, "upstream_busy")
    assert refused.json()["detail"] == "The service `customer-svc` is busy with 2 requests; try again shortly."
    assert refused.headers["retry-after"] == "1"
    assert (later, again.status_code) == ([200, 200], 200)
    assert upstream_of(gateway).breaker.state is BreakerState.CLOSED


async def test_one_busy_service_does_not_hold_up_another(start_gateway: StartGateway) -> None:
    customers, sales = ServiceDouble(blocked={"/v1/customers"}), ServiceDouble()
    sales.answer("/v1/orders", {"items": []})
    async with serve(customers) as first, serve(sales) as second:
        services = {"customer-svc": first.url, "sales-svc": second.url}
        gateway = await start_gateway(services, settings=ProxySettings(max_in_flight=1))
        async with gateway.client(gateway.caller()) as client:
            waiting = asyncio.ensure_future(client.get("/api/v1/customers"))
            await asyncio.wait_for(customers.arrived.wait(), 5)
            other = await client.get("/api/v1/orders")
            customers.release.set()
            await waiting

    assert (other.status_code, other.json()) == (200, {"items": []})


@pytest.mark.parametrize("heals", [True, False])
async def test_the_breaker_opens_and_lets_one_probe_through(
    start_gateway: StartGateway, flaky: Flaky, heals: bool
) -> None:
    now = [1000.0]
    clock: Callable[[], float] = lambda: now[0]  # noqa: E731
    flaky.failures = 1000
    async with serve_raw(flaky) as url:
        gateway = await start_gateway({"customer-svc": url}, clock=clock)
        async with gateway.client(gateway.caller()) as client:

            async def post() -> int:
                return (await client.post("/api/v1/customers")).status_code

            assert {await post() for _ in range(20)} == {503}
            assert upstream_of(gateway).breaker.state is BreakerState.OPEN
            refused = await client.post("/api/v1/customers")
            assert (refused.status_code, refused.json()["code"]) == (503, "upstream_unavailable")
            assert refused.headers["retry-after"] == "5"
            assert len(flaky.requests) == 20

            now[0] += 5
            flaky.failures = 0 if heals else 1000
            assert await post() == (200 if heals else 503)
            assert len(flaky.requests) == 21
            assert await post() == (200 if heals else 503)
            assert len(flaky.requests) == (22 if heals else 21)

    assert upstream_of(gateway).breaker.state is (BreakerState.CLOSED if heals else BreakerState.OPEN)


async def test_callers_in_a_hurry_cannot_open_the_breaker(start_gateway: StartGateway) -> None:
    customers = ServiceDouble(blocked={"/v1/customers"})
    async with serve(customers) as serving:
        gateway = await start_gateway({"customer-svc": serving.url})
        async with gateway.client(gateway.caller()) as client:
            hasty = [client.get("/api/v1/customers", headers={"crm-deadline-ms": "1"}) for _ in range(30)]
            assert {answer.status_code for answer in await asyncio.gather(*hasty)} == {504}

    assert upstream_of(gateway).breaker.state is BreakerState.CLOSED


async def test_a_service_that_comes_back_is_found_again(start_gateway: StartGateway) -> None:
    customers = ServiceDouble()
    customers.answer("/v1/customers", {})
    async with serve(customers) as serving:
        gateway = await start_gateway({"customer-svc": serving.url}, settings=HASTY)
        async with gateway.client(gateway.caller()) as client:
            assert (await client.get("/api/v1/customers")).status_code == 200
            await serving.stop()
            assert (await client.get("/api/v1/customers")).status_code == 503
            async with serve(customers, port=serving.port):
                assert (await client.post("/api/v1/customers")).status_code == 200
