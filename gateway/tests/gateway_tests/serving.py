"""Real servers on free ports for tests: ASGI apps under uvicorn, raw TCP servers, and a gateway in front of them."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson
import uvicorn
from fastapi import APIRouter
from starlette.types import ASGIApp, Receive, Scope, Send

from crm_platform.app import bearer, create_app
from crm_platform.context import Caller
from crm_platform.http.headers import RequestHeaders
from crm_platform.http.middleware import Authenticate
from crm_platform.runtime import Runtime
from crm_platform.settings import DatabaseSettings, LimitSettings, LogSettings, ServiceSettings
from crm_platform.testing.identity import TokenIssuer, caller
from gateway.proxy import ProxySettings, ServiceAccess, build_proxy
from gateway.proxy.breaker import Clock
from gateway.proxy.routes import ROUTES

NO_DATABASE = "postgresql://nobody@127.0.0.1:1/none"
"""The way to the services does not lead through the gateway's own database."""

API_KEY = "key_0123456789"


class _Server(uvicorn.Server):
    """A server that leaves the test run's signal handlers alone and stops at once when asked."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.stopping = asyncio.Event()

    async def main_loop(self) -> None:
        await self.stopping.wait()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@dataclass(slots=True)
class Serving:
    """A running server."""

    url: str
    server: _Server
    task: asyncio.Task[None]

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    async def stop(self) -> None:
        self.server.stopping.set()
        await asyncio.wait_for(self.task, 20)


def free_socket(port: int = 0) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(256)
    return listener


@asynccontextmanager
async def serve(app: ASGIApp, *, lifespan: str = "off", port: int = 0) -> AsyncIterator[Serving]:
    """Serve ``app`` as in production."""
    listener = free_socket(port)
    config = uvicorn.Config(
        app,
        http="httptools",
        lifespan=lifespan,  # type: ignore[arg-type]
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
        timeout_keep_alive=75,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    serving = Serving(f"http://127.0.0.1:{listener.getsockname()[1]}", server, task)
    try:
        yield serving
    finally:
        await serving.stop()
        listener.close()


Conversation = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serve_raw(conversation: Conversation) -> AsyncIterator[str]:
    """A server that says what ``conversation`` writes, byte by byte; yields its URL."""
    running: set[asyncio.Task[Any]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        task.add_done_callback(running.discard)
        try:
            await conversation(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in tuple(running):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def read_request(reader: asyncio.StreamReader) -> bytes:
    """The head of the next request, and its body where it has a length."""
    head = await reader.readuntil(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return head + await reader.readexactly(int(line.partition(b":")[2]))
    return head


@dataclass(slots=True)
class Seen:
    """One request as a service got it."""

    method: str
    path: str
    query: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name), None)


Answer = tuple[int, dict[str, str], bytes]


@dataclass(slots=True)
class ServiceDouble:
    """A small service: answers by path, remembers what it was asked, can be made to wait."""

    answers: dict[str, Answer] = field(default_factory=dict)
    requests: list[Seen] = field(default_factory=list)
    blocked: set[str] = field(default_factory=set)
    """Paths that do not answer before ``release`` is set."""
    release: asyncio.Event = field(default_factory=asyncio.Event)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    abandoned: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a blocked request's connection was closed by the other side."""

    def forget(self) -> None:
        """Start anew."""
        self.answers.clear()
        self.requests.clear()
        self.blocked.clear()
        for event in (self.release, self.arrived, self.abandoned):
            event.clear()

    def answer(self, path: str, content: object, status: int = 200, **headers: str) -> None:
        kind = {"content-type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[path] = (status, kind, orjson.dumps(content))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        seen = await _see(scope, receive)
        self.requests.append(seen)
        if seen.path in self.blocked:
            self.arrived.set()
            await self._wait(receive)
        status, headers, body = self.answers.get(seen.path, (404, {"content-type": "application/json"}, b"{}"))
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        raw.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": b"" if seen.method == "HEAD" else body})

    async def _wait(self, receive: Receive) -> None:
        left = asyncio.ensure_future(receive())
        released = asyncio.create_task(self.release.wait())
        await asyncio.wait({left, released}, return_when=asyncio.FIRST_COMPLETED)
        if left.done():
            self.abandoned.set()
        for task in (left, released):
            task.cancel()


async def _see(scope: Scope, receive: Receive) -> Seen:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
    return Seen(scope["method"], scope["raw_path"].decode(), scope["query_string"].decode(), headers, body)


@dataclass(slots=True)
class RunningGateway:
    """A gateway on a free port."""

    serving: Serving
    access: ServiceAccess
    issuer: TokenIssuer
    tokens_made: list[Caller]

    @property
    def url(self) -> str:
        return self.serving.url

    def caller(self) -> Caller:
        """A caller who may do everything."""
        return caller()

    def client(self, who: Caller | None = None, **headers: str) -> httpx.AsyncClient:
        """A client that calls as ``who``; anonymous for None."""
        if who is not None:
            headers["authorization"] = f"Bearer {self.issuer.token(who)}"
        return httpx.AsyncClient(base_url=self.url, headers=headers, timeout=20)


StartGateway = Callable[..., Awaitable[RunningGateway]]


@dataclass(slots=True, kw_only=True)
class GatewayParts:
    """What a gateway under test is made of besides the proxy."""

    issuer: TokenIssuer
    key_holder: Caller
    """Who calls with :data:`API_KEY`."""
    routers: tuple[APIRouter, ...] = ()
    kept: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    openapi_url: str = "/openapi.json"


@asynccontextmanager
async def run_gateway(
    parts: GatewayParts,
    services: Mapping[str, str],
    *,
    settings: ProxySettings | None = None,
    clock: Clock = time.monotonic,
    routes: Mapping[str, Iterable[str]] = ROUTES,
    **limits: Any,
) -> AsyncIterator[RunningGateway]:
    """Serve the gateway's data path in front of ``services``, with the platform's middleware and real tokens."""
    runtime = Runtime.of(
        ServiceSettings(
            service="gateway",
            db=DatabaseSettings(url=NO_DATABASE, pool_min=0),
            auth=parts.issuer.settings,
            limits=LimitSettings(**limits),
            log=LogSettings(requests=False),
        )
    )
    made: list[Caller] = []

    async def token(who: Caller) -> str:
        made.append(who)
        return parts.issuer.token(who)

    access = build_proxy(services=services, token=token, settings=settings, kept=parts.kept, routes=routes, clock=clock)
    app = create_app(
        title="Gateway",
        description="Under test.",
        routers=parts.routers,
        runtime=runtime,
        authenticate=_with_api_keys(bearer(runtime), parts.key_holder),
        lifespan_of=access.lifespan,
        wrap=access.wrap,
        openapi_url=parts.openapi_url,
    )
    async with serve(app, lifespan="on") as serving:
        yield RunningGateway(serving, access, parts.issuer, made)


def _with_api_keys(otherwise: Authenticate, key_holder: Caller) -> Authenticate:
    async def authenticate(headers: RequestHeaders) -> Caller:
        if API_KEY in {headers.get("x-api-key"), (headers.get("authorization") or "").removeprefix("Bearer ")}:
            return key_holder
        return await otherwise(headers)

    return authenticate
