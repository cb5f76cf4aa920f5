"""The one middleware: correlation id, trace, token, allowance, deadline, body limit, metrics, log line."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal
from uuid import UUID

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crm_platform.context import Caller
from crm_platform.errors import (
    DeadlineExceeded,
    DomainError,
    InvalidParameter,
    PayloadTooLarge,
    TooManyRequests,
    Unauthenticated,
)
from crm_platform.http.context import SCOPE_KEY, RequestContext
from crm_platform.http.headers import RequestHeaders, headers_of
from crm_platform.http.problems import render_problem
from crm_platform.http.ratelimit import RateLimiter
from crm_platform.ids import new_id
from crm_platform.observability.metrics import RequestMetrics
from crm_platform.observability.tracing import Tracer
from crm_platform.settings import ServiceSettings
from crm_platform.words import Words

Authenticate = Callable[[RequestHeaders], Awaitable[Caller]]
"""Turns request headers into a caller; raises Unauthenticated with the reason when it cannot."""

DEADLINE_HEADER = "crm-deadline-ms"
CORRELATION_HEADER = "x-correlation-id"
QUIET = ("/health/", "/metrics")
RawHeaders = dict[bytes, bytes]

NO_TOKEN = Words("there is no Authorization header", "缺少 Authorization 请求头")
NOT_BEARER = Words("the Authorization header is not `Bearer <token>`", "Authorization 请求头不是 `Bearer <token>` 形式")
_CORRELATION = CORRELATION_HEADER.encode()
_LANGUAGES: Mapping[str, Literal["zh", "en"]] = {"zh": "zh", "en": "en"}

_log = structlog.get_logger("crm.request")


class ServiceMiddleware:
    """Pure ASGI, so that it costs microseconds; errors that nobody handled end here as problems."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        settings: ServiceSettings,
        authenticate: Authenticate,
        metrics: RequestMetrics,
        tracer: Tracer,
    ) -> None:
        self._app = app
        self._settings = settings
        self._authenticate = authenticate
        self._metrics = metrics
        self._tracer = tracer
        self._limiter = RateLimiter(settings.limits.requests_per_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["path"].startswith(QUIET):
            await self._app(scope, receive, send)
            return
        await _Exchange(self, scope, receive, send).run()

    async def admit(self, context: RequestContext, headers: RequestHeaders) -> RawHeaders:
        """Find out who asks; returns the headers about the allowance."""
        try:
            context.caller = await self._authenticate(headers)
        except Unauthenticated as refusal:
            context.refusal = refusal.texts["why"]
            return {}
        context.language = _language(headers.get("accept-language"), context.caller)
        allowance = self._limiter.take(context.caller.id)
        if not allowance.granted:
            raise TooManyRequests(
                limit=allowance.limit,
                window=allowance.window,
                retry_after=allowance.reset,
                headers={**allowance.headers(), "retry-after": str(allowance.reset)},
            )
        return {name.encode(): value.encode() for name, value in allowance.headers().items()}

    def deadline(self, headers: RequestHeaders) -> float:
        """Seconds this request may take: our limit or what the caller has left, whichever is less."""
        limit = self._settings.limits.deadline_seconds
        text = headers.get(DEADLINE_HEADER)
        if text is None:
            return limit
        if not (text.isascii() and text.isdigit() and len(text) <= 9):  # noqa: PLR2004
            message = Words("milliseconds as a whole number", "应为以毫秒计的整数")
            raise InvalidParameter(parameter=DEADLINE_HEADER, message=message)
        return min(limit, int(text) / 1000)


class _Exchange:
    """One request and its response."""

    def __init__(self, middleware: ServiceMiddleware, scope: Scope, receive: Receive, send: Send) -> None:
        self._middleware = middleware
        self._scope = scope
        self._receive = receive
        self._send = send
        self._status = 0
        self._extra: RawHeaders = {}
        self._received = 0

    async def run(self) -> None:
        started = time.perf_counter()
        headers = headers_of(self._scope)
        tracer = self._middleware._tracer  # noqa: SLF001  (the two classes are one unit)
        with tracer.request(self._scope["method"], self._scope["path"], headers.get("traceparent")) as span:
            try:
                await self._handle(headers, span.traceparent)
            finally:
                span.finish(self._route(), self._status)
                self._record(time.perf_counter() - started)

    async def _handle(self, headers: RequestHeaders, traceparent: str | None) -> None:
        middleware = self._middleware
        context = self._scope[SCOPE_KEY] = RequestContext(
            correlation_id=_correlation_id(headers.get(CORRELATION_HEADER)),
            traceparent=traceparent,
            caller=None,
            refusal=NO_TOKEN,
            language=_language(headers.get("accept-language"), None),
        )
        try:
            seconds = middleware.deadline(headers)
            context.deadline = asyncio.get_running_loop().time() + seconds
            timer = asyncio.timeout_at(context.deadline)
            try:
                async with timer:
                    self._extra = await middleware.admit(context, headers)
                    self._check_length(headers)
                    await middleware._app(self._scope, self._limited_receive, self._tagged_send)  # noqa: SLF001
            except TimeoutError:
                if not timer.expired():
                    raise
                raise DeadlineExceeded(seconds=seconds) from None
        except DomainError as error:
            await self._fail(error)
        except Exception:  # noqa: BLE001  (whatever it is, the caller gets a problem document and the log the rest)
            _log.exception(
                "request_failed",
                method=self._scope["method"],
                path=self._scope["path"],
                correlation_id=str(context.correlation_id),
            )
            await self._fail(DomainError())

    async def _fail(self, error: DomainError) -> None:
        if self._status:  # the response has begun; all that is left is to break the connection off
            raise error
        response = render_problem(error, self._scope.get(SCOPE_KEY), self._scope["path"])
        await response(self._scope, self._receive, self._tagged_send)

    def _check_length(self, headers: RequestHeaders) -> None:
        limit = self._middleware._settings.limits.body_bytes  # noqa: SLF001
        length = headers.get("content-length")
        if length is not None and length.isdigit() and int(length) > limit:
            raise PayloadTooLarge(limit=limit, headers={"connection": "close"})

    async def _limited_receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._received += len(message.get("body", b""))
            limit = self._middleware._settings.limits.body_bytes  # noqa: SLF001
            if self._received > limit:
                raise PayloadTooLarge(limit=limit, headers={"connection": "close"})
        return message

    async def _tagged_send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            context: RequestContext | None = self._scope.get(SCOPE_KEY)
            ours = dict(self._extra)
            if context is not None:
                ours[_CORRELATION] = str(context.correlation_id).encode()
            kept = [pair for pair in message["headers"] if pair[0] not in ours]
            message = {**message, "headers": [*kept, *ours.items()]}
        await self._send(message)

    def _route(self) -> str:
        route: Any = self._scope.get("route")
        path: str = getattr(route, "path", None) or self._scope.get("crm_route", "unmatched")
        return path

    def _record(self, seconds: float) -> None:
        scope, context = self._scope, self._scope.get(SCOPE_KEY)
        method, route = scope["method"], self._route()
        self._middleware._metrics.observe(method, route, self._status, seconds)  # noqa: SLF001
        if self._middleware._settings.log.requests:  # noqa: SLF001
            caller = context.caller if context else None
            _log.info(
                "request",
                method=method,
                path=scope["path"],
                route=route,
                status=self._status,
                ms=round(seconds * 1000, 2),
                correlation_id=context.correlation_id if context else None,
                tenant=caller.tenant_id if caller else None,
                actor=caller.actor if caller else None,
            )


def _correlation_id(text: str | None) -> UUID:
    if text:
        try:
            return UUID(text)
        except ValueError:
            pass
    return new_id()


def _language(header: str | None, caller: Caller | None) -> Literal["zh", "en"]:
    """What the client asks for, else what the user has set."""
    for part in header.lower().split(",") if header else ():
        tag = part.partition(";")[0].strip()[:2]
        if (language := _LANGUAGES.get(tag)) is not None:
            return language
    return caller.language if caller else "en"
