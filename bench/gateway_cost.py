"""What the gateway costs, beside nginx: `make bench B=gateway_cost`.

A service with a fixed answer and a gateway in front of it, each a process of its own, asked in turn. Token check,
allowance, metrics, log lines and header hygiene are on; `proxy alone` is without the platform's middleware. CPU µs per
request are those of the gateway's (nginx's) process, not of the service behind it. PostgreSQL is not needed.
"""

import argparse
import asyncio
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import psutil
import structlog
import uvloop
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from bench import load, stage
from bench.measure import Row, Samples, interleaved, show
from crm_platform.app import bearer, create_app
from crm_platform.context import Caller
from crm_platform.http.context import SCOPE_KEY, RequestContext
from crm_platform.http.middleware import NO_TOKEN
from crm_platform.http.route import reads, service_router
from crm_platform.http.server import Server
from crm_platform.ids import new_id
from crm_platform.observability.logs import configure_logs
from crm_platform.runtime import Runtime
from crm_platform.settings import (
    AuthSettings,
    DatabaseSettings,
    HttpSettings,
    LimitSettings,
    LogSettings,
    ServiceSettings,
)
from crm_platform.settling import settle_in
from crm_platform.testing.identity import ISSUER, TokenIssuer, caller
from crm_runtime.ports import free_ports
from gateway.compose.show import show as show_view
from gateway.compose.view import Part, View
from gateway.proxy import build_proxy

SECONDS = 1.5
BODY = b'{"items": [' + b", ".join(b'{"id": "0199b7a0-0000-7000-8000-%012d"}' % n for n in range(14)) + b"]}"
CUSTOMER = "/customers/0199b7a0-0000-7000-8000-000000000001"


async def service(scope: Scope, receive: Receive, send: Send) -> None:
    """A service with one answer."""
    if scope["type"] == "lifespan":
        for moment in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{moment}.complete"})
        return
    while (await receive()).get("more_body"):
        pass
    head = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(BODY))]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": BODY})


async def no_token(_: Caller) -> str:
    """Never asked: the client brings a token."""
    raise NotImplementedError


def view_of(parts: int) -> View:
    """A view of so many answers of the service."""
    part = Part(service="customer-svc", path="/v1/customers", query={"limit": "20"})
    members = {f"part_{n}": part for n in range(parts)}
    return View(name=f"Of{parts}", path=f"/of-{parts}", scope="customers:read", members=members)


def gateway(service_url: str, jwks: str) -> FastAPI:
    """The gateway's data path as in production, with a view of the bench."""
    settings = ServiceSettings(
        service="gateway",
        db=DatabaseSettings(url="postgresql://nobody@127.0.0.1:1/none", pool_min=0),
        auth=AuthSettings(issuer=ISSUER, jwks_url=jwks),
        limits=LimitSettings(requests_per_minute=int(stage.UNLIMITED)),
    )
    configure_logs(LogSettings(), "gateway")
    runtime = Runtime.of(settings)
    access = build_proxy(services={"customer-svc": service_url}, token=no_token)
    router = service_router("Views", prefix="/api/v1")
    four = view_of(4)

    @router.get(four.path, **reads(four.scope))
    async def of_4(request: Request) -> Response:
        return await show_view(four, request)

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
    settle_in()
    Server(apps[role](), HttpSettings(port=port), on_leaving=lambda: None).run()


@contextmanager
def process_of(role: str, behind: int, issuer: TokenIssuer) -> Iterator[tuple[psutil.Process, int]]:
    """One of the processes, in front of the service at port ``behind``, and its port."""
    (port,) = free_ports(1)
    command = [sys.executable, "-m", "bench.gateway_cost", "--serve", role, "--port", str(port)]
    command += ["--service", str(behind), "--jwks", issuer.settings.jwks_url]
    with stage.started(command, port) as process:
        yield process, port


def gateway_process(behind: int, issuer: TokenIssuer) -> Any:
    """A gateway in front of the service at port ``behind``, and its port."""
    return process_of("gateway", behind, issuer)


class Bench:
    """One run."""

    def __init__(self) -> None:
        self._samples = Samples()
        self._seen: set[str] = set()

    def asks(self, name: str, where: tuple[psutil.Process, int], request: bytes) -> Callable[[], Any]:
        """A measurement: CPU and latency of one process with one kind of request."""
        process, port = where

        async def measure() -> None:
            await load.drive(port, lambda: request, seconds=0.1)
            done: list[load.Outcome] = []
            with self._samples.cpu(name, lambda: done[0].count, process):
                done.append(await load.drive(port, lambda: request, seconds=SECONDS))
            self._samples.add(f"{name} p50", (await load.drive(port, lambda: request, seconds=0.4, connections=1)).p50)
            self._seen.add(name)

        return measure

    def rows(self) -> list[Row]:
        """What came out."""
        found = self._samples
        nginx = "nginx" in self._seen
        beside = f"nginx {found['nginx']:.0f} µs" if nginx else "not measured here: needs nginx"
        alone = f"proxy alone {found['alone']:.0f} µs, POST of 1 KB {found['post']:.0f} µs"
        four = f"CPU {found['four']:.0f} µs, {found['get']:.0f} µs"
        slower = found.ratio("four p50", "get p50")
        return [
            Row(
                work="gateway proxy, CPU",
                beside="nginx",
                value=found.ratio("get", "nginx") if nginx else None,
                must=12,
                goal=5,
                figures=f"gateway {found['get']:.0f} µs, {beside}; {alone}",
            ),
            Row(
                work="four-way composition, CPU",
                beside="one proxied call",
                value=found.ratio("four", "get"),
                must=4,
                goal=2.5,
                figures=f"{four}; p50 {slower:.1f} times that of one",
            ),
        ]


def rows() -> list[Row]:
    """Start, measure, stop."""
    with ExitStack() as stack:
        folder = stack.enter_context(stage.folder())
        issuer = TokenIssuer(folder)
        token = issuer.token(caller())
        direct, proxied = load.request(f"/v1{CUSTOMER}", token), load.request(f"/api/v1{CUSTOMER}", token)
        post = load.request("/api/v1/customers", token, method="POST", body=b'{"name": "%s"}' % (b"x" * 1000))
        behind = stack.enter_context(process_of("service", 0, issuer))
        door = stack.enter_context(process_of("gateway", behind[1], issuer))
        alone = stack.enter_context(process_of("bare", behind[1], issuer))
        nginx = stack.enter_context(stage.nginx(folder, behind[1]))
        bench = Bench()
        measures = [
            bench.asks("get", door, proxied),
            *([bench.asks("nginx", nginx, direct)] if nginx else []),
            bench.asks("four", door, load.request("/api/v1/of-4", token)),
            bench.asks("post", door, post),
            bench.asks("alone", alone, proxied),
        ]
        uvloop.run(interleaved(measures))
        return bench.rows()


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
    show(rows())


if __name__ == "__main__":
    main()
