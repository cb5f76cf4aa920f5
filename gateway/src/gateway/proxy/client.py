"""Calls to the services: pooled connections, deadlines, retries, breakers. Proxy and views both use it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from crm_platform.errors import DomainError
from crm_platform.words import Words
from gateway.proxy.body import RequestBody
from gateway.proxy.breaker import Verdict
from gateway.proxy.errors import BrokenOff, InvalidAnswer, UpstreamTimeout, UpstreamUnavailable
from gateway.proxy.http1 import ConnectFailed, ConnectionBroke, HttpError, Pool, Request, Response
from gateway.proxy.settings import ProxySettings
from gateway.proxy.upstream import Upstream

T = TypeVar("T")

_SAFE = frozenset({"GET", "HEAD"})
_FAULTY_STATUS = frozenset({502, 503})
_NOT_TAKEN = 408
"""With `connection: close`, a service that stops says by it that it has not taken this request (RFC 9110, 15.5.9)."""
_MOST_NOT_TAKEN = 3


def _too_long(limit: int) -> Words:
    return Words(f"it has more than {limit} bytes", f"超过 {limit} 字节")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request to a service.

    Attributes:
        method: HTTP method.
        target: Path and query, encoded as they go over the wire.
        headers: All headers, but for Host and those that frame the body.
        deadline: Time of the event loop's clock by which everything has to be over.
        body: The client's body, where there may be one.
        repeatable: The service takes a repetition for the same request (Idempotency-Key).
    """

    method: str
    target: str
    headers: list[tuple[bytes, bytes]]
    deadline: float
    body: RequestBody | None = None
    repeatable: bool = False

    def has_body_still(self) -> bool:
        """Whether it can be sent (again) at all."""
        return self.body is None or self.body.repeatable

    def may_repeat(self) -> bool:
        """Whether it can be sent a second time although the service may have done what it asks."""
        return (self.repeatable or self.method in _SAFE) and self.has_body_still()


@dataclass(frozen=True, slots=True)
class Fetched:
    """A whole answer."""

    status: int
    content_type: str
    body: bytes


class UpstreamClient:
    """The one way in which the gateway talks to the services; open while the process serves."""

    def __init__(self, upstreams: Mapping[str, Upstream], settings: ProxySettings) -> None:
        self.upstreams = upstreams
        self.settings = settings
        self._pools: dict[str, Pool] = {}

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Keep connections; when this ends, all of them are closed."""
        try:
            yield
        finally:
            for upstream in self.upstreams.values():
                await upstream.absence.close()
            for pool in self._pools.values():
                pool.close()
            self._pools.clear()

    async def call(self, upstream: Upstream, call: Call, consume: Callable[[Response], Awaitable[T]]) -> T:
        """Send ``call`` and hand the response to ``consume`` as soon as its head is there.

        Raises:
            UpstreamBusy: Not sent: too many calls are on their way.
            UpstreamUnavailable: Not sent, not connected, or the connection broke before the head.
            UpstreamTimeout: Not over by the deadline.
            BrokenOff: The connection broke in the middle of the response.
        """
        ticket = upstream.enter()
        pool = self._pool(upstream.base_url)
        verdict = Verdict.UNDECIDED
        opened = False
        started = asyncio.get_running_loop().time()
        timer = asyncio.timeout_at(call.deadline)
        try:
            async with timer:
                response = await self._open(upstream, pool, call)
                opened = True
                verdict = Verdict.FAULTY if response.status in _FAULTY_STATUS else Verdict.HEALTHY
                try:
                    return await consume(response)
                finally:
                    pool.release(response)
        except HttpError as error:
            own = _own(call)
            verdict = Verdict.FAULTY if own is None else Verdict.UNDECIDED
            raise own or _unanswered(upstream, opened=opened) from error
        except (TimeoutError, asyncio.CancelledError):
            # Where the request's own deadline passes at the same moment, it comes as a cancellation.
            if not timer.expired():
                raise
            seconds = asyncio.get_running_loop().time() - started
            verdict = self._blame_silence(call, seconds)
            raise UpstreamTimeout(service=upstream.name, seconds=round(seconds, 3)) from None
        finally:
            upstream.leave(ticket, verdict)

    async def fetch(self, upstream: Upstream, call: Call) -> Fetched:
        """Send ``call`` and read the whole answer.

        Raises:
            InvalidAnswer: The answer is longer than a part may be; and what :meth:`call` raises.
        """
        limit = self.settings.part_bytes

        async def consume(response: Response) -> Fetched:
            body = await response.read(limit) if (response.content_length or 0) <= limit else None
            if body is None or len(body) > limit:
                raise InvalidAnswer(service=upstream.name, why=_too_long(limit))
            return Fetched(response.status, response.header(b"content-type").decode("latin-1"), body)

        return await self.call(upstream, call, consume)

    async def _open(self, upstream: Upstream, pool: Pool, call: Call) -> Response:
        """The response to ``call``, sent again for as long as it is certain, or harmless, that it was not done."""
        upstream.budget.earn()
        repeated, not_taken = False, 0
        while True:
            try:
                response = await pool.send(_request(call))
            except ConnectFailed:
                if not call.has_body_still() or not await upstream.absence.is_over(call.deadline):
                    raise
            except ConnectionBroke:
                if repeated or _own(call) or not call.may_repeat() or not upstream.budget.spend():
                    raise
                repeated = True
                upstream.retries += 1
            else:
                upstream.absence.end()
                if not_taken == _MOST_NOT_TAKEN or not _says_not_taken(response) or not call.has_body_still():
                    return response
                not_taken += 1
                pool.release(response)

    def _pool(self, base_url: str) -> Pool:
        """The connections to where a service is."""
        if base_url not in self._pools:
            settings = self.settings
            self._pools[base_url] = Pool(
                base_url, connect_timeout=settings.connect_timeout, keepalive_timeout=settings.keepalive_timeout
            )
        return self._pools[base_url]

    def _blame_silence(self, call: Call, seconds: float) -> Verdict:
        # A client that sets a short deadline, or sends its body slowly, tells nothing about the service.
        if seconds < self.settings.patience or (call.body is not None and not call.body.finished):
            return Verdict.UNDECIDED
        return Verdict.FAULTY


def _request(call: Call) -> Request:
    body = call.body
    content, length = (body.content(), body.length) if body is not None else (None, None)
    return Request(call.method, call.target, call.headers, content, length)


def _says_not_taken(response: Response) -> bool:
    return response.status == _NOT_TAKEN and response.header(b"connection").lower() == b"close"


def _own(call: Call) -> Exception | None:
    """What went wrong at the client's side while its body was being sent."""
    return call.body.failure if call.body is not None else None


def _unanswered(upstream: Upstream, *, opened: bool) -> DomainError:
    if opened:
        return BrokenOff(service=upstream.name)
    return UpstreamUnavailable(service=upstream.name, headers={"retry-after": "1"})
