"""The proxy: an ASGI app in front of the router that passes requests on without reading their bodies."""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from crm_platform.context import Caller
from crm_platform.errors import Unauthenticated
from crm_platform.http.context import SCOPE_KEY, RequestContext
from gateway.proxy.about import AboutToken, headers_about
from gateway.proxy.body import RequestBody
from gateway.proxy.client import Call, UpstreamClient
from gateway.proxy.errors import ClientGone, UpstreamUnavailable
from gateway.proxy.headers import CLIENT_ADDRESS, content_length, header, to_client, to_service
from gateway.proxy.http1 import Response
from gateway.proxy.routes import Route, RouteTable
from gateway.proxy.upstream import Upstream
from gateway.proxy.watch import DisconnectWatch

UpstreamToken = Callable[[Caller], Awaitable[str]]
"""Makes an access token for a caller who came without one, such as with an API key."""

_HOP_SHARE = 0.05
_HOP_LIMITS = (0.01, 0.1)
"""Seconds, and share of what is left, that a service gets less than there are: its answer has to arrive in time."""

_TOKEN_DOTS = 2
CLIENT_GONE = 499
"""Status under which requests appear in metrics and log that the client did not wait for."""


class Proxy:
    """Sends what belongs to a service there, and everything else to ``app``."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        routes: RouteTable,
        client: UpstreamClient,
        token: UpstreamToken,
        about: AboutToken | None = None,
    ) -> None:
        self._app = app
        self._routes = routes
        self._client = client
        self._token = token
        self._about = about

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        route = None
        if scope["type"] == "http":
            raw_path: bytes = scope["raw_path"]
            route = self._routes.find(raw_path.decode("latin-1"), scope["query_string"].decode("latin-1"))
        if route is None:
            await self._app(scope, receive, send)
            return
        scope["crm_route"] = route.label
        upstream = self._client.upstreams.get(route.service)
        if upstream is None:
            raise UpstreamUnavailable(service=route.service, headers={"retry-after": "5"})
        await self._pass_on(route, upstream, scope, receive, send)

    async def _pass_on(self, route: Route, upstream: Upstream, scope: Scope, receive: Receive, send: Send) -> None:
        context: RequestContext = scope[SCOPE_KEY]
        authorization = None if route.open else await authorization_of(scope["headers"], context, self._token)
        deadline = _deadline_of_service(context.deadline)
        told = service_headers(context, authorization, deadline)
        if route.open and scope.get("client"):
            told.append((CLIENT_ADDRESS, str(scope["client"][0]).encode("latin-1")))
        if self._about is not None and scope["query_string"]:
            told += await headers_about(scope["raw_path"], scope["query_string"], context.caller, self._about)
        body = RequestBody(receive, content_length(scope["headers"]))
        call = Call(
            method=scope["method"],
            target=route.target,
            headers=to_service(scope["headers"]) + told,
            deadline=deadline,
            body=body,
            repeatable=header(scope["headers"], b"idempotency-key") is not None,
        )
        watch = DisconnectWatch(receive, body)
        try:
            await body.keep(self._client.settings.buffer_bytes)
            await self._client.call(upstream, call, _Relay(upstream.base_url, send))
        except ClientGone:
            await _note_departure(send)
        except asyncio.CancelledError:
            if not watch.gone:
                raise
            resume()
            await _note_departure(send)
        finally:
            watch.end()


class _Relay:
    """Passes a service's response to the client, piece by piece."""

    def __init__(self, base_url: str, send: Send) -> None:
        self._base_url = base_url
        self._send = send

    async def __call__(self, response: Response) -> None:
        send = self._send
        headers = to_client(response.headers, self._base_url)
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        more = True
        while more:
            piece = await response.read_some()
            more = not response.at_end
            await send({"type": "http.response.body", "body": piece, "more_body": more})


def _deadline_of_service(deadline: float) -> float:
    least, most = _HOP_LIMITS
    left = deadline - asyncio.get_running_loop().time()
    return deadline - min(most, max(least, left * _HOP_SHARE))


def service_headers(context: RequestContext, authorization: str | None, deadline: float) -> list[tuple[bytes, bytes]]:
    """What the gateway itself tells every service about a request."""
    left = deadline - asyncio.get_running_loop().time()
    headers = [
        *([] if authorization is None else [(b"authorization", authorization.encode("latin-1"))]),
        (b"x-correlation-id", str(context.correlation_id).encode()),
        (b"crm-deadline-ms", b"%d" % max(1, int(left * 1000))),
    ]
    if context.traceparent is not None:
        headers.append((b"traceparent", context.traceparent.encode()))
    return headers


async def authorization_of(headers: list[tuple[bytes, bytes]], context: RequestContext, token: UpstreamToken) -> str:
    """The Authorization header for the services: the client's own token, or one made for its caller.

    Raises:
        Unauthenticated: There is no caller.
    """
    caller = context.caller
    if caller is None:
        raise Unauthenticated(why=context.refusal, headers={"www-authenticate": 'Bearer realm="crm"'})
    given = header(headers, b"authorization")
    # Authentication accepted it; three parts make it an access token, and not an API key.
    if given is not None and given[:7].lower() == "bearer " and given.count(".") == _TOKEN_DOTS:
        return given
    return f"Bearer {await token(caller)}"


def resume() -> None:
    """Take back the cancellation with which a :class:`DisconnectWatch` ended a call."""
    task = asyncio.current_task()
    if task is not None:
        task.uncancel()


async def _note_departure(send: Send) -> None:
    """Say how the request ended; this reaches the metrics and the log, but nobody else."""
    await send({"type": "http.response.start", "status": CLIENT_GONE, "headers": []})
    await send({"type": "http.response.body", "body": b""})
