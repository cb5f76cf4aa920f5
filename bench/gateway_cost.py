"""What the gateway costs: CPU time per proxied request and per composed view, beside the direct call.

`python bench/gateway_cost.py` starts a service with a fixed answer and a gateway in front of it, each in a process of
its own, and asks them in turn, several rounds. Token check, allowance, metrics, log lines and header hygiene are on;
`proxy alone` is without the platform's middleware. Where nginx is installed it is measured too.

CPU time is that of the process named in the row (not of the service behind it, nor of the client), from `/proc`;
latency is measured with one request at a time. Takes about half a minute; PostgreSQL is not needed.
"""

import argparse
import asyncio
import contextlib
import logging
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import psutil
import structlog
import uvicorn
import uvloop
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from crm_platform.app import bearer, create_app
from crm_platform.context import Caller
from crm_platform.http.context import SCOPE_KEY, RequestContext
from crm_platform.http.middleware import NO_TOKEN
from crm_platform.http.route import reads, service_router
from crm_platform.ids import new_id
from crm_platform.observability.logs import configure_logs
from crm_platform.runtime import Runtime
from crm_platform.settings import AuthSettings, DatabaseSettings, LimitSettings, LogSettings, ServiceSettings
from crm_platform.testing.identity import ISSUER, TokenIssuer, caller
from crm_runtime.ports import free_ports
from gateway.compose.show import show
from gateway.compose.view import Part, View
from gateway.proxy import build_proxy

ROUNDS = 3
SECONDS = 1.0
SECONDS_ALONE = 0.5
CONNECTIONS = 16
BODY = b'{"items": [' + b", ".join(b'{"id": "0199b7a0-0000-7000-8000-%012d"}' % n for n in range(14)) + b"]}"
CUSTOMER = "/customers/0199b7a0-0000-7000-8000-000000000001"
LIMITS = LimitSettings(requests_per_minute=10_000_000)


def view_of(parts: int) -> View:
    """A view of so many answers of the service."""
    part = Part(service="customer-svc", path="/v1/customers", query={"limit": "20"})
    return View(
        name=f"Of{parts}",
        path=f"/of-{parts}",
        scope="customers:read",
        members={f"part_{n}": part for n in range(parts)},
    )


async def service(scope: Scope, receive: Receive, send: Send) -> None:
    """A service with one answer."""
    del scope
    while (await receive()).get("more_body"):
        pass
    head = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(BODY))]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": BODY})


async def no_token(_: Caller) -> str:
    """Never asked: the client brings a token."""
    raise NotImplementedError


def gateway(service_url: str, jwks: str) -> FastAPI:
    """The gateway's data path as in production, with two views of the bench."""
    settings = ServiceSettings(
        service="gateway",
        db=DatabaseSettings(url="postgresql://nobody@127.0.0.1:1/none", pool_min=0),
        auth=AuthSettings(issuer=ISSUER, jwks_url=jwks),
        limits=LIMITS,
    )
    configure_logs(LogSettings(), "gateway")
    runtime = Runtime.of(settings)
    access = build_proxy(services={"customer-svc": service_url}, token=no_token)
    router = service_router("Views", prefix="/api/v1")
    four, eleven = view_of(4), view_of(11)

    @router.get(four.path, **reads(four.scope))
    async def of_4(request: Request) -> Response:
        return await show(four, request)

    @router.get(eleven.path, **reads(eleven.scope))
    async def of_11(request: Request) -> Response:
        return await show(eleven, request)

    return create_app(
        title="Bench",
        description="",
        routers=(router,),
        runtime=runtime,
        authenticate=bearer(runtime),
        lifespan_of=access.lifespan,
        wrap=access.wrap,
    )


def bare(service_url: str) -> ASGIApp:
    """The proxy alone: what the middleware finds out is given."""
    access = build_proxy(services={"customer-svc": service_url}, token=no_token)
    proxy = access.wrap(service)
    context = RequestContext(new_id(), None, caller(), NO_TOKEN, "en")
    opened = access.client.opened()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            async with opened:
                await receive()
                await send({"type": "lifespan.startup.complete"})
                await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        context.deadline = asyncio.get_running_loop().time() + 15
        scope[SCOPE_KEY] = context
        await proxy(scope, receive, send)

    return app


def serve(role: str, port: int, service_url: str, jwks: str) -> None:
    """Run one of the processes."""
    apps: dict[str, Callable[[], ASGIApp]] = {
        "service": lambda: service,
        "gateway": lambda: gateway(service_url, jwks),
        "bare": lambda: bare(service_url),
    }
    uvicorn.run(
        cast("Any", apps[role]()),
        port=port,
        http="httptools",
        loop="uvloop",
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_keep_alive=75,
        lifespan="off" if role == "service" else "on",
    )


class Client(asyncio.Protocol):
    """One connection that sends the same request again and again."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self._answer: asyncio.Future[None] | None = None
        self._wanted = 0
        self._head = b""
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection."""
        self.transport = cast("asyncio.Transport", transport)  # uvloop's transports derive from nothing

    def data_received(self, data: bytes) -> None:
        """Count until the answer is whole."""
        if self._wanted == 0:
            self._head += data
            head, found, body = self._head.partition(b"\r\n\r\n")
            if not found:
                return
            assert head.startswith(b"HTTP/1.1 200 "), head + body
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            self._wanted = int(length.partition(b":")[2]) - len(body)
            self._head = b""
        else:
            self._wanted -= len(data)
        if self._wanted == 0 and self._answer is not None:
            self._answer.set_result(None)

    async def ask(self) -> None:
        """Send the request and wait for the whole answer."""
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(self._request)
        await self._answer


@dataclass(slots=True)
class Row:
    """One thing that is measured."""

    name: str
    process: psutil.Process
    port: int
    request: bytes
    cpu: list[float] = field(default_factory=list)
    """CPU µs per request, by round."""
    rate: list[float] = field(default_factory=list)
    latency: list[float] = field(default_factory=list)
    """Median µs with one request at a time, by round."""

    async def measure(self) -> None:
        """One round."""
        await self._run(CONNECTIONS, 0.1)
        before = self._cpu()
        times, took = await self._run(CONNECTIONS, SECONDS)
        self.cpu.append((self._cpu() - before) / len(times) * 1e6)
        self.rate.append(len(times) / took)
        times, _ = await self._run(1, SECONDS_ALONE)
        self.latency.append(statistics.median(times) * 1e6)

    def _cpu(self) -> float:
        times = [self.process.cpu_times(), *(child.cpu_times() for child in self.process.children())]
        return sum(time.user + time.system for time in times)

    async def _run(self, connections: int, seconds: float) -> tuple[list[float], float]:
        loop = asyncio.get_running_loop()
        clients = [
            (await loop.create_connection(lambda: Client(self.request), "127.0.0.1", self.port))[1]
            for _ in range(connections)
        ]
        times: list[float] = []
        started = time.perf_counter()

        async def go(client: Client) -> None:
            while (began := time.perf_counter()) < started + seconds:
                await client.ask()
                times.append(time.perf_counter() - began)

        await asyncio.gather(*(go(client) for client in clients))
        took = time.perf_counter() - started
        for client in clients:
            client.transport.close()
        return times, took


NGINX = """\
worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
  access_log {folder}/access.log; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; keepalive_requests 1000000;
  upstream service {{ server 127.0.0.1:{service}; keepalive 64; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{ proxy_pass http://service; proxy_http_version 1.1; proxy_set_header Connection ""; }}
  }}
}}
"""


@contextlib.contextmanager
def started(command: list[str], port: int) -> Iterator[psutil.Process]:
    """Run a program that listens on ``port``."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            _wait_for(port, process)
            yield psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait(10)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", port), 1),
        ):
            return
        time.sleep(0.05)
    sys.exit(f"nothing listens on port {port}")


def request_for(path: str, token: str, *, method: str = "GET", body: bytes = b"") -> bytes:
    """A request as a partner's program sends it."""
    head = [
        f"{method} {path} HTTP/1.1",
        "Host: crm.example",
        f"Authorization: Bearer {token}",
        "Accept: application/json",
        "Accept-Encoding: gzip, deflate",
        "User-Agent: bench",
        *([f"Content-Length: {len(body)}", "Content-Type: application/json"] if body else []),
    ]
    return "\r\n".join([*head, "", ""]).encode() + body


@contextlib.contextmanager
def rows() -> Iterator[list[Row]]:
    """Start everything."""
    ports = free_ports(4)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        issuer = TokenIssuer(folder)
        token = issuer.token(caller())
        direct, proxied = request_for(f"/v1{CUSTOMER}", token), request_for(f"/api/v1{CUSTOMER}", token)
        post = request_for("/api/v1/customers", token, method="POST", body=b'{"name": "%s"}' % (b"x" * 1000))

        def run(role: str, port: int) -> psutil.Process:
            command = [sys.executable, __file__, "--serve", role, "--port", str(port), "--service", str(ports[0])]
            return stack.enter_context(started([*command, "--jwks", issuer.settings.jwks_url], port))

        service_process, gateway_process = run("service", ports[0]), run("gateway", ports[1])
        found = [
            Row("service, called directly", service_process, ports[0], direct),
            Row("gateway: GET", gateway_process, ports[1], proxied),
            Row("gateway: POST 1 KB", gateway_process, ports[1], post),
            Row("gateway: view of 4 parts", gateway_process, ports[1], request_for("/api/v1/of-4", token)),
            Row("gateway: view of 11 parts", gateway_process, ports[1], request_for("/api/v1/of-11", token)),
            Row("proxy alone: GET", run("bare", ports[2]), ports[2], proxied),
        ]
        if nginx := shutil.which("nginx"):
            config = folder / "nginx.conf"
            config.write_text(NGINX.format(folder=folder, service=ports[0], port=ports[3]))
            process = stack.enter_context(started([nginx, "-c", str(config), "-p", str(folder)], ports[3]))
            found.append(Row("nginx: GET", process, ports[3], direct))
        yield found


def report(found: list[Row]) -> None:
    """Print the medians and how they relate."""
    cpu = {row.name: statistics.median(row.cpu) for row in found}
    latency = {row.name: statistics.median(row.latency) for row in found}
    print(f"{ROUNDS} rounds, {CONNECTIONS} connections, {len(BODY)} bytes, load {os.getloadavg()[0]:.1f}\n")
    print(f"{'':28}{'CPU µs/request':>16}{'requests/s':>12}{'p50 µs alone':>14}")
    for row in found:
        print(f"{row.name:28}{cpu[row.name]:16.0f}{statistics.median(row.rate):12.0f}{latency[row.name]:14.0f}")
    print()
    proxied, direct, four = "gateway: GET", "service, called directly", "gateway: view of 4 parts"
    if "nginx: GET" in cpu:
        print(f"{'proxied, CPU ÷ nginx':44}{cpu[proxied] / cpu['nginx: GET']:8.1f}   (must 12, goal 5)")
    print(f"{'p50 that the gateway adds, µs':44}{latency[proxied] - latency[direct]:8.0f}")
    print(f"{'view of 4 parts, CPU ÷ proxied':44}{cpu[four] / cpu[proxied]:8.1f}   (must 4, goal 2.5)")
    print(f"{'view of 4 parts, p50 ÷ proxied':44}{latency[four] / latency[proxied]:8.1f}")
    print(f"{'everything on ÷ proxy alone, CPU':44}{cpu[proxied] / cpu['proxy alone: GET']:8.1f}")


async def measure_all(found: list[Row]) -> None:
    """All rows in turn, so that a noisy moment meets each of them."""
    for _ in range(ROUNDS):
        for row in found:
            await row.measure()


def main() -> None:
    """Measure and print, or be one of the processes."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--serve", choices=["service", "gateway", "bare"], help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--service", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--jwks", default="", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.serve:
        serve(chosen.serve, chosen.port, f"http://127.0.0.1:{chosen.service}", chosen.jwks)
        return
    logging.disable(logging.INFO)
    structlog.configure()
    with rows() as found:
        uvloop.run(measure_all(found))
        report(found)


if __name__ == "__main__":
    main()
