"""Calls to the services: pooled connections, deadlines, retries, breakers. Proxy and views both use it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

import aiohttp
from yarl import URL

from crm_platform.errors import DomainError
from crm_platform.words import Words
from gateway.proxy.body import RequestBody
from gateway.proxy.breaker import Verdict
from gateway.proxy.errors import BrokenOff, InvalidAnswer, UpstreamTimeout, UpstreamUnavailable
from gateway.proxy.settings import ProxySettings
from gateway.proxy.upstream import Upstream

T = TypeVar("T")

_SAFE = frozenset({"GET", "HEAD"})
_FAULTY_STATUS = frozenset({502, 503})
_NOT_ADDED = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
"""Headers that aiohttp would add of its own accord."""

_READ_BUFFER = 64 * 1024


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
    headers: list[tuple[str, str]]
    deadline: float
    body: RequestBody | None = None
    repeatable: bool = False

    def may_repeat(self) -> bool:
        """Whether it can be sent a second time."""
        return (self.repeatable or self.method in _SAFE) and (self.body is None or self.body.repeatable)


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
        self._session: aiohttp.ClientSession | None = None
        self._timeout = aiohttp.ClientTimeout(total=None, sock_connect=settings.connect_timeout)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Keep a pool of connections; when this ends, all of them are closed."""
        connector = aiohttp.TCPConnector(
            limit=0,
            limit_per_host=self.settings.max_in_flight,
            keepalive_timeout=self.settings.keepalive_timeout,
            ttl_dns_cache=10,
        )
        async with aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=_NOT_ADDED,
            timeout=self._timeout,
            read_bufsize=_READ_BUFFER,
            trust_env=False,
        ) as session:
            # aiohttp would silently send PUT and DELETE a second time, and GET outside of our budget.
            session._retry_connection = False  # noqa: SLF001
            self._session = session
            yield
        self._session = None

    async def call(
        self, upstream: Upstream, call: Call, consume: Callable[[aiohttp.ClientResponse], Awaitable[T]]
    ) -> T:
        """Send ``call`` and hand the response to ``consume`` as soon as its head is there.

        Raises:
            UpstreamBusy: Not sent: too many calls are on their way.
            UpstreamUnavailable: Not sent, not connected, or the connection broke before the head.
            UpstreamTimeout: Not over by the deadline.
            BrokenOff: The connection broke in the middle of the response.
        """
        ticket = upstream.enter()
        verdict = Verdict.UNDECIDED
        opened = False
        started = asyncio.get_running_loop().time()
        timer = asyncio.timeout_at(call.deadline)
        try:
            async with timer:
                response = await self._open(upstream, call)
                opened = True
                verdict = Verdict.FAULTY if response.status in _FAULTY_STATUS else Verdict.HEALTHY
                return await _consumed(response, consume)
        except aiohttp.ClientError as error:
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

        async def consume(response: aiohttp.ClientResponse) -> Fetched:
            if (response.content_length or 0) > limit:
                raise InvalidAnswer(service=upstream.name, why=_too_long(limit))
            body = await response.content.read(limit + 1) if response.content_length is None else await response.read()
            if len(body) > limit:
                raise InvalidAnswer(service=upstream.name, why=_too_long(limit))
            return Fetched(response.status, response.headers.get("Content-Type", ""), body)

        return await self.call(upstream, call, consume)

    async def _open(self, upstream: Upstream, call: Call) -> aiohttp.ClientResponse:
        upstream.budget.earn()
        try:
            return await self._send(upstream, call)
        except aiohttp.ClientConnectionError:
            if _own(call) or not call.may_repeat() or not upstream.budget.spend():
                raise
        upstream.retries += 1
        return await self._send(upstream, call)

    async def _send(self, upstream: Upstream, call: Call) -> aiohttp.ClientResponse:
        assert self._session is not None, "the client is not open"  # noqa: S101
        return await self._session.request(
            call.method,
            URL(upstream.base_url + call.target, encoded=True),
            headers=call.headers,
            data=call.body.content() if call.body is not None else None,
            allow_redirects=False,
        )

    def _blame_silence(self, call: Call, seconds: float) -> Verdict:
        # A client that sets a short deadline, or sends its body slowly, tells nothing about the service.
        if seconds < self.settings.patience or (call.body is not None and not call.body.finished):
            return Verdict.UNDECIDED
        return Verdict.FAULTY


async def _consumed(response: aiohttp.ClientResponse, consume: Callable[[aiohttp.ClientResponse], Awaitable[T]]) -> T:
    try:
        return await consume(response)
    finally:
        # A response that was read to its end has given its connection back; any other one ends with it.
        if not response.content.at_eof():
            response.close()


def _own(call: Call) -> Exception | None:
    """What went wrong at the client's side while its body was being sent."""
    return call.body.failure if call.body is not None else None


def _unanswered(upstream: Upstream, *, opened: bool) -> DomainError:
    if opened:
        return BrokenOff(service=upstream.name)
    return UpstreamUnavailable(service=upstream.name, headers={"retry-after": "1"})
